//! The second look: where it is taken, and that it is the same whoever asks first.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
#![allow(clippy::print_stderr, clippy::disallowed_methods, unreachable_pub)]

mod common;

use common::{engine, pairs, photo};
use image::imageops::flip_horizontal;

#[test]
fn doubt_is_looked_at_again_with_mirror_images() {
    let Some((engine, faces)) = engine() else {
        return;
    };
    let (mut again, mut once) = (0, 0);
    for [one, other] in pairs(&faces, "lfw", "same", 30) {
        let look = |path| engine.look_at(&photo(path)).unwrap().face.unwrap();
        let (one, other) = (look(&one), look(&other));
        let [first, mirrored] = [&one, &other].map(|face| {
            let mirrored = engine
                .embed_aligned(&flip_horizontal(face.aligned()))
                .unwrap();
            (face.embedding(), mirrored)
        });
        let cosine = |a: &face::Embedding, b: &face::Embedding| {
            let values = |of: &face::Embedding| -> Vec<f32> {
                let bytes = of.to_bytes();
                let fours = bytes.as_chunks::<4>().0.iter();
                fours.map(|four| f32::from_le_bytes(*four)).collect()
            };
            let products = values(a).into_iter().zip(values(b));
            products.map(|(a, b)| a * b).sum::<f32>()
        };
        let (u, v) = (first, mirrored);
        // (a + a') . (b + b') over the lengths of both sums.
        let cross = cosine(u.0, v.0) + cosine(u.0, &v.1) + cosine(&u.1, v.0) + cosine(&u.1, &v.1);
        let length = |side: &(&face::Embedding, face::Embedding)| {
            (2.0 + 2.0 * cosine(side.0, &side.1)).sqrt()
        };
        let both = cross / (length(&u) * length(&v));
        let first = cosine(u.0, v.0);
        let said = engine.compare(&one, &other).unwrap().cosine();
        let doubtful = (0.38..0.60).contains(&first);
        let wanted = if doubtful { both } else { first };
        assert!(
            (said - wanted).abs() < 1e-5,
            "{said} for {first} and {both}"
        );
        assert_eq!(engine.compare(&other, &one).unwrap().cosine(), said);
        again += usize::from(doubtful);
        once += usize::from(!doubtful);
    }
    assert!(again > 1 && once > 10, "{again} again, {once} once");
}
