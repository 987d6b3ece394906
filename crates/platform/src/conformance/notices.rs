//! Notices: to every channel known before, once.

use recovery::time::{Span, Timestamp};

use crate::contract::{Channel, ChannelNotice, NoticeAnswer, NoticeKind, NoticeRequest};

use super::ground::{Ground, fresh_word};
use super::rows::{Must, Rows, Trial, ensure, skip};
use super::wire::Call;

/// A notice as Regain sends one.
pub(super) fn request(ground: &Ground) -> NoticeRequest {
    let dossier = ground.dossier.get();
    let channels = dossier.iter().flat_map(|dossier| &dossier.channels);
    NoticeRequest {
        idempotency_key: format!("conformance-{}", fresh_word()),
        message_code: "RM-0000-0000".to_owned(),
        kind: NoticeKind::fixed(NoticeKind::RECOVERY_ASKED),
        known_before: ground.wire.now(),
        subject: "Conformance suite: a test".to_owned(),
        text: "This is a test of the channels of a test account."
            .to_owned()
            .into(),
        short_text: Some("A test.".to_owned().into()),
        stop_url: "https://recover.example/stop/test".to_owned().into(),
        notice_code: "RN-0000-0000".to_owned().into(),
        channels: channels.map(own_words).collect(),
    }
}

fn own_words(channel: &Channel) -> ChannelNotice {
    ChannelNotice {
        channel: channel.id.clone(),
        message_code: "RM-0000-0001".to_owned(),
        subject: "Conformance suite: a test of one channel".to_owned(),
        text: "This is a test of one channel of a test account."
            .to_owned()
            .into(),
        short_text: None,
    }
}

/// Sends it, and fails unless exactly the channels that were known before are told.
async fn told(ground: &Ground, notice: &NoticeRequest, before: Timestamp) -> Trial<NoticeAnswer> {
    let Some(dossier) = ground.dossier.get() else {
        return skip("there is no dossier to compare the receipts with");
    };
    let known = |channel: &&Channel| channel.known_since < before;
    let mut wanted: Vec<_> = dossier.channels.iter().filter(known).collect();
    let answer: NoticeAnswer = ground
        .wire
        .json(&Call::post(ground.path("notices")?, notice))
        .await?;
    let mut got: Vec<_> = answer.channels.iter().collect();
    wanted.sort_by(|one, other| one.id.cmp(&other.id));
    got.sort_by(|one, other| one.channel.cmp(&other.channel));
    ensure(got.len() == wanted.len(), || {
        format!(
            "{} receipts for {} channels known before",
            got.len(),
            wanted.len()
        )
    })?;
    let mut pairs = got.iter().zip(&wanted);
    ensure(
        pairs.all(|(got, wanted)| got.channel == wanted.id && got.kind == wanted.kind),
        || "a receipt names a channel that the dossier does not".to_owned(),
    )?;
    Ok(answer)
}

pub(super) async fn run(ground: &Ground, rows: &mut Rows<'_>) {
    let must = Must::new(
        "notices.channels",
        "A notice is taken for every channel of the dossier, and each receipt names one of them.",
        "Send on every channel, suspended ones too, and name it as the dossier does.",
    );
    rows.check(must, async {
        let notice = request(ground);
        let answer = told(ground, &notice, notice.known_before).await?;
        let refused = answer.channels.iter().filter(|one| !one.accepted).count();
        ensure(refused == 0, || {
            format!("{refused} channels did not take it")
        })
    })
    .await;
    let must = Must::new(
        "notices.known_before",
        "Channels that are newer than known_before are not told.",
        "Compare each channel's known_since with known_before.",
    );
    rows.check(must.needs("notices.channels"), async {
        let mut notice = request(ground);
        let moments = ground.dossier.get().into_iter();
        let moments = moments.flat_map(|dossier| &dossier.channels);
        let Some(first) = moments.map(|channel| channel.known_since).min() else {
            return skip("the test account has no channel");
        };
        notice.known_before = first - Span::millis(1);
        told(ground, &notice, notice.known_before).await?;
        Ok(())
    })
    .await;
    let must = Must::new(
        "notices.twice",
        "The same notice again gets the same answer.",
        "Keep key and answer in the transaction that hands the messages over.",
    );
    rows.check(must, async {
        let call = Call::post(ground.path("notices")?, &request(ground));
        let first: NoticeAnswer = ground.wire.json(&call).await?;
        let again: NoticeAnswer = ground.wire.json(&call).await?;
        ensure(first == again, || "the second answer differs".to_owned())
    })
    .await;
    let must = Must::new(
        "notices.key_reused",
        "Another notice under a used key is refused with 409.",
        "Keep a digest of the request with its key.",
    );
    rows.check(must, async {
        let mut notice = request(ground);
        let path = ground.path("notices")?;
        let _first: NoticeAnswer = ground.wire.json(&Call::post(path.clone(), &notice)).await?;
        notice.subject = "Conformance suite: another".to_owned();
        ground
            .wire
            .refused(&Call::post(path, &notice), &[409])
            .await
    })
    .await;
}
