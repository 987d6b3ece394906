//! Pages and calls: the applicant's portal, the holder's stop page, the reviewers' console, JSON.
