//! Hostile bytes in, findings out: sniffing, limits and bounded decoding of everything an applicant sends.
