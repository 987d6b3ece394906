//! What the checks make for reviewers' eyes.

use image::RgbImage;

use super::{engine, opened};
use crate::examine::{Examined, Shown, ShownAs};

fn examined(frames: u32, shown: &[ShownAs]) -> Examined {
    let made = |what: &ShownAs| Shown {
        what: *what,
        bytes: vec![1],
    };
    Examined {
        frames: (0..frames).map(|_| RgbImage::new(8, 8)).collect(),
        shown: shown.iter().map(made).collect(),
        ..Examined::default()
    }
}

#[tokio::test]
async fn a_round_leaves_nothing_that_only_an_earlier_one_made() {
    let (engine, _folder) = engine().await;
    let case = opened(&engine).await;
    let first = examined(3, &[ShownAs::CardFront, ShownAs::CardHeld]);
    assert!(engine.keep_shown(&case, &first).await.is_ok());
    // The front was sent again, and no card was found in the new photo.
    let second = examined(2, &[ShownAs::CardHeld]);
    assert!(engine.keep_shown(&case, &second).await.is_ok());
    let names = engine.0.vault.object_names(&case).await.unwrap();
    let names: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
    assert_eq!(names, ["frame/0", "frame/1", "shown/card_held"]);
}
