//! A face shown afresh at the handover, for whoever lost the case key.

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use axum::routing::get;
use engine::views::FreshFaceView;

use crate::error::Failure;
use crate::headers::Powers;
use crate::layout::Frame;
use crate::portal::capture::{self, Asked};
use crate::portal::taken::Told;
use crate::routes::{GET, Route, Who};
use crate::visit::Visit;
use crate::when;

/// Where it is.
pub(crate) const PATH: &str = "/handover/face";

/// The page.
pub(crate) const ROUTES: &[Route] =
    &[
        Route::page(PATH, Who::Applicant, "Show your face again", || get(show))
            .only(GET)
            .with(Powers::Camera),
    ];

/// What a session may do about a fresh face.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn view_of(visit: &Visit) -> Result<FreshFaceView, Failure> {
    let (Ok(case), Some(session)) = (visit.case(), visit.secret()) else {
        return Ok(FreshFaceView::NotOffered);
    };
    Ok(visit.engine().fresh_face(case, session).await?)
}

#[derive(Template)]
#[template(path = "portal/face_seen.html")]
struct SeenPage {
    frame: Frame,
    address: String,
    /// Until when it stands for the key; nothing where no try is left.
    until: Option<String>,
}

async fn show(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Failure> {
    let face = view_of(&visit).await?;
    if face == FreshFaceView::NotOffered {
        return Ok(visit.go("/handover"));
    }
    let view = visit.engine().applicant_view(visit.case()?).await?;
    let until = match face {
        FreshFaceView::Open { left, failed } => {
            let reason = failed.then(|| Told {
                headline: "We could not be sure that it is you".to_owned(),
                advice: "Nothing was decided against you. Try again with light from the front and \
                         your whole face in the picture, and say the digits clearly."
                    .to_owned(),
            });
            return capture::afresh(&visit, &view, &asked, (reason, left));
        }
        FreshFaceView::Passed { until } => Some(when::moment(until, &visit.zone())),
        FreshFaceView::UsedUp | FreshFaceView::NotOffered => None,
    };
    visit.page(&SeenPage {
        frame: visit
            .frame(if until.is_some() {
                "We recognised you"
            } else {
                "We could not be sure that it is you"
            })
            .back("/handover"),
        address: view
            .contact
            .map_or_else(String::new, |address| address.reveal().clone()),
        until,
    })
}
