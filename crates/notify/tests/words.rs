//! Every message word for word, with the longest names that are promised to fit.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::collections::BTreeSet;

use notify::{
    Brand, Closing, Ending, Message, MessageCode, NextStep, Rendered, RetakeItem, SMS_LIMIT, Sms,
    SmsError, Whence, fingerprint, fingerprint_text, render, render_sms,
};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng as _;
use recovery::id::CaseCode;
use recovery::sensitive::Sensitive;

const UNTIL: &str = "24 November 2026, 18:00 (Lisbon time)";
const LINK: &str = "https://recover.exchange-abc.org/c/0123456789ABCDEFGHJKMNPQRS";

fn brand() -> Brand {
    Brand {
        platform: "ExchangeABCD".to_owned(),
        host: "recover.exchange-abc.org".to_owned(),
        mail_from: "recovery@exchange-abc.org".to_owned(),
    }
}

fn case() -> CaseCode {
    CaseCode::new(&mut ChaCha8Rng::seed_from_u64(7))
}

fn code() -> MessageCode {
    MessageCode::new(&mut ChaCha8Rng::seed_from_u64(7))
}

fn secret(text: &str) -> Sensitive<String> {
    Sensitive::new(text.to_owned())
}

fn link() -> Sensitive<String> {
    secret(LINK)
}

fn dark_front() -> RetakeItem {
    RetakeItem {
        item: "Photo of the front of your ID".to_owned(),
        headline: "The picture is too dark".to_owned(),
        advice: "Go near a window or lamp. Do not use the flash.".to_owned(),
    }
}

fn disputed(rival: bool) -> Message {
    Message::Disputed {
        case: case(),
        rival,
        until: UNTIL.to_owned(),
        link: link(),
    }
}

fn mails() -> Vec<(Message, &'static str, &'static str)> {
    let (until, case) = (|| UNTIL.to_owned(), case);
    let item = dark_front();
    vec![
        (
            Message::Code {
                code: secret("7K2M91QX"),
                case: None,
                link: None,
            },
            "ExchangeABCD: your code 7K2M91QX",
            "Enter 7K2M91QX on the page you have open. It works for 10 minutes. Nobody else needs \
             it, us included. Did you not ask? Ignore this; nothing happens.",
        ),
        (
            Message::Opened {
                case: case(),
                until: until(),
                link: link(),
            },
            "Your recovery request {case} is open",
            "Collect the parts until {until}. Continue: {link}. You need your key or a code sent \
             here.",
        ),
        (
            Message::Missing {
                case: case(),
                parts: 3,
                until: until(),
                link: link(),
            },
            "3 parts missing in request {case}",
            "Send them by {until}, then the request closes and your files are destroyed. \
             Continue: {link}.",
        ),
        (
            Message::Received {
                case: case(),
                checks_by: until(),
                review_by: "1 December 2026".to_owned(),
                link: link(),
            },
            "We have request {case}",
            "Checks finish by {until}, review by 1 December 2026. Your account is not locked yet. \
             See it: {link}.",
        ),
        (
            Message::Again {
                case: case(),
                items: vec![item.clone(), item],
                until: until(),
            },
            "Take 2 parts again ({case})",
            "Photo of the front of your ID: The picture is too dark. Go near a window or lamp. Do \
             not use the flash.",
        ),
        (
            Message::Passed { by: until() },
            "First checks passed: your account is now locked",
            "Nobody can sign in or trade until this ends; assets stay. We also told the old \
             contacts of the account, as a safeguard. People decide by {until}.",
        ),
        (
            Message::Late {
                case: case(),
                said: "20 November 2026".to_owned(),
                new: until(),
                why: "A lead reviewer was told".to_owned(),
            },
            "Request {case} takes longer",
            "We said 20 November 2026; the new date is {until}. Reason: A lead reviewer was told. \
             You need not do anything.",
        ),
        (
            Message::SetUp {
                until: until(),
                link: link(),
            },
            "Your new ways in are ready",
            "Until {until}: look and move inside ExchangeABCD only. Old addresses, keys and links \
             are gone on purpose. List: {link}.",
        ),
        (
            Message::Open {
                ladder: "day 1, day 3, day 7".to_owned(),
            },
            "Waiting period over",
            "Withdrawals are open with growing limits: day 1, day 3, day 7. Add addresses one by \
             one; none were kept.",
        ),
        (
            Message::Refused {
                case: case(),
                until: until(),
                link: link(),
            },
            "We could not give access ({case})",
            "What you sent did not show us that the account is yours. For everybody's safety we \
             do not say more. Appeal once, until {until}: {link}. Another person decides.",
        ),
        (
            disputed(false),
            "Request {case} is paused",
            "Somebody with a way into the account objected. If the request is yours, say so by \
             {until}: {link}. Then two senior reviewers decide. Without your word it ends.",
        ),
        (
            disputed(true),
            "Request {case} is paused",
            "Another person asked for the same account and showed proof. You can add to yours \
             until {until}: {link}. Then two senior reviewers decide between you.",
        ),
        (
            Message::Closed {
                case: case(),
                reason: Closing::PartsMissing,
                destroyed: "1 December 2026".to_owned(),
            },
            "Request {case} is closed",
            "Reason: parts missing. Your files are destroyed on 1 December 2026.",
        ),
        (
            Message::Joined {
                case: case(),
                link: link(),
            },
            "We added this to request {case}",
            "Somebody asked again for the same account. It joined your request. Not you? {link}",
        ),
    ]
}

fn approvals() -> Vec<(Message, &'static str, &'static str)> {
    let until = || UNTIL.to_owned();
    vec![
        (
            Message::Approved {
                case: case(),
                link: link(),
                until: Some(until()),
            },
            "Request {case} is approved: set up your account",
            "Open {link} and choose new ways in within 24 hours. Then a waiting period runs until \
             {until}; the holder can still object.",
        ),
        (
            Message::Approved {
                case: case(),
                link: link(),
                until: None,
            },
            "Request {case} is approved: set up your account",
            "The waiting period is over. Open {link} and choose new ways in within 24 hours.",
        ),
        (
            Message::ApprovedLater {
                case: case(),
                until: until(),
                link: link(),
            },
            "Request {case} is approved: a waiting period comes first",
            "Until {until} the holder can object. Then we mail you a link with which you set up \
             your account. You need not do anything. See it: {link}.",
        ),
    ]
}

fn whence() -> Whence {
    Whence {
        asked: UNTIL.to_owned(),
        place: "Lisbon, Portugal".to_owned(),
        device: "Chrome on Android".to_owned(),
    }
}

fn notices() -> Vec<(Message, &'static str, &'static str)> {
    let (until, notice) = (|| UNTIL.to_owned(), || secret("4F7H-KM2P"));
    vec![
        (
            Message::HolderAsked {
                when: until(),
                link: link(),
                notice: notice(),
                whence: whence(),
            },
            "Somebody asks to recover your ExchangeABCD account",
            "On {until} somebody who says they lost everything asked for access. We locked the \
             account while we check; your assets are safe. If this is not you, stop it: {link} or \
             type recover.exchange-abc.org/stop and enter 4F7H-KM2P. No password, document or \
             payment is needed. If it is you, do nothing.",
        ),
        (
            Message::HolderApproved {
                until: until(),
                link: link(),
                notice: notice(),
                whence: whence(),
            },
            "Last days to stop the recovery of your ExchangeABCD account",
            "The request was approved. Withdrawals stay closed until {until}. If it is not you, \
             stop it now: {link} or recover.exchange-abc.org/stop with 4F7H-KM2P.",
        ),
        (
            Message::HolderLastHours {
                hours: 24,
                until: until(),
                link: link(),
                notice: notice(),
                whence: whence(),
            },
            "24 hours left to stop a recovery",
            "The request was approved. Withdrawals stay closed until {until}. If it is not you, \
             stop it now: {link} or recover.exchange-abc.org/stop with 4F7H-KM2P.",
        ),
        (
            Message::HolderStopped {
                hours: 48,
                link: link(),
            },
            "We stopped the recovery",
            "Everything is frozen. Within 48 hours we ask you to show the account is yours: \
             {link}. You will never be asked for money. Was this a mistake? Tell us there.",
        ),
        (
            Message::HolderRivals {
                from: until(),
                link: link(),
                notice: notice(),
                whence: whence(),
            },
            "Two people ask for your ExchangeABCD account: both requests are stopped",
            "Everything is frozen. From {until} on two senior reviewers decide between the two. \
             Did you make the request below? Then you need not do anything here. If it is not \
             yours, say so: {link} or type recover.exchange-abc.org/stop and enter 4F7H-KM2P. \
             You will never be asked for money.",
        ),
        (
            Message::HolderContested {
                until: until(),
                link: link(),
                by: until(),
            },
            "Both sides are asked for proof",
            "Add what you have until {until}: {link}. Two senior reviewers decide by {until}.",
        ),
        (
            Message::HolderEnded {
                ending: Ending::Finished,
                until: Some(until()),
                link: link(),
            },
            "The recovery of your account is finished",
            "You can still object until {until}: {link}.",
        ),
        (
            Message::HolderEnded {
                ending: Ending::Stopped,
                until: None,
                link: link(),
            },
            "The recovery of your account is stopped",
            "Nothing more comes of it, and you need not do anything. What happened: {link}.",
        ),
        (
            Message::HolderSetUp {
                when: until(),
                until: until(),
                link: link(),
                notice: notice(),
                whence: whence(),
            },
            "New ways into your ExchangeABCD account were set up",
            "On {until} whoever was approved chose new ways in. The old ones sign nobody in any \
             more; they still stop this. Withdrawals stay closed until {until}. If it is not you, \
             stop it now: {link} or recover.exchange-abc.org/stop with 4F7H-KM2P.",
        ),
    ]
}

/// What a recovery contact hears once the request is approved.
/// Once seniors decide between two sides.
fn contested() -> (Message, &'static str, &'static str) {
    let until = || UNTIL.to_owned();
    (
        Message::Contested {
            case: case(),
            until: until(),
            link: link(),
            by: until(),
        },
        "Request {case} is paused",
        "Two senior reviewers decide between both sides by {until}. You may add evidence until \
             {until}: {link}.",
    )
}

fn contact() -> (Message, &'static str, &'static str) {
    (
        Message::ContactAsked {
            until: Some(UNTIL.to_owned()),
            link: link(),
            notice: secret("4F7H-KM2P"),
            whence: whence(),
        },
        "Is it really them? Somebody asks for the account of a person who named you",
        "Somebody who says they lost everything asks for access to the ExchangeABCD account of a \
         person who named you as recovery contact. Call or meet that person, by a way that you \
         know, and ask. If it is not them, stop it: {link} or type recover.exchange-abc.org/stop \
         and enter 4F7H-KM2P. No password, document or payment is needed. If it is them, do \
         nothing.",
    )
}

/// The second text of A11: for whom reviewers believed.
fn believed() -> (Message, &'static str, &'static str) {
    let (case, link) = (case(), link());
    (
        Message::NotOffered { case, link },
        "We could not give access ({case})",
        "We believe that the account is yours, but it cannot be given back. Your request's \
         page says why: {link}.",
    )
}

/// Somebody whom seniors believed, by what comes next.
fn won() -> [(Message, &'static str, &'static str); 3] {
    let [by, until, end] = [UNTIL; 3].map(str::to_owned);
    let goes_on = |next, body| {
        let (case, link) = (case(), link());
        let message = Message::GoesOn { case, next, link };
        (message, "Request {case} goes on", body)
    };
    [
        goes_on(
            NextStep::Review { by },
            "Two senior reviewers decided for you. Now people review what you sent. Decision by \
             {until}. You need not do anything. See it: {link}.",
        ),
        goes_on(
            NextStep::Send { until },
            "Two senior reviewers decided for you. Send what is missing by {until}, then the \
             request closes and your files are destroyed. Continue: {link}.",
        ),
        goes_on(
            NextStep::Wait { until: end },
            "Two senior reviewers decided for you. A waiting period begins again and runs until \
             {until}; the holder can still object. You need not do anything. See it: {link}.",
        ),
    ]
}

fn all() -> Vec<(Message, &'static str, &'static str)> {
    mails()
        .into_iter()
        .chain(approvals())
        .chain(notices())
        .chain([contact(), contested(), believed()])
        .chain(won())
        .collect()
}

fn filled(template: &str) -> String {
    template
        .replace("{case}", case().as_str())
        .replace("{until}", UNTIL)
        .replace("{link}", LINK)
}

fn rendered(message: &Message) -> Rendered {
    render(&brand(), message, &code())
}

/// What a reader sees of an HTML document.
fn visible(html: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for c in html.split_once("<body>").unwrap().1.chars() {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            other if !inside => text.push(other),
            _ => {}
        }
    }
    let plain = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ];
    plain
        .iter()
        .fold(text, |text, (entity, sign)| text.replace(entity, sign))
}

#[test]
fn every_message_says_exactly_its_words() {
    let ids: BTreeSet<String> = all().iter().map(|(m, ..)| m.id().to_owned()).collect();
    let wanted = [("A", 15), ("H", 8)].into_iter();
    let wanted = wanted.flat_map(|(kind, most)| (1..=most).map(move |n| format!("{kind}{n}")));
    assert_eq!(ids, wanted.collect());
    for (message, subject, body) in all() {
        let mail = rendered(&message);
        assert_eq!(mail.subject, filled(subject), "{}", mail.id);
        assert_eq!(
            mail.text.split("\n\n").next().unwrap(),
            filled(body),
            "{}",
            mail.id
        );
        assert!(
            !mail.text.contains(['{', '}', '*']),
            "{}: {}",
            mail.id,
            mail.text
        );
        assert!(
            filled(body).split_whitespace().count() <= 70,
            "{} is too long",
            mail.id
        );
    }
}

#[test]
fn notices_of_a_request_say_where_it_came_from() {
    let ids = notices().into_iter().filter_map(|(message, ..)| {
        let said = rendered(&message).text;
        let second = said.split("\n\n").nth(1).unwrap();
        let whence = "The request came on {until} from Lisbon, Portugal, with Chrome on Android.";
        (second == filled(whence)).then(|| message.id())
    });
    assert_eq!(ids.collect::<Vec<_>>(), ["H1", "H2", "H3", "H4", "H7"]);
}

#[test]
fn every_message_ends_with_how_to_check_it() {
    let footer = format!(
        "This is message {}. Check it by typing recover.exchange-abc.org/check into your browser. \
         We never phone, never chat, never charge, never ask for passwords, seed words, codes \
         from other apps or software. Whoever does is a thief, even if they know your request \
         code.",
        code()
    );
    for (message, ..) in all() {
        let mail = rendered(&message);
        let ending = if mail.id == "A1" {
            format!("{footer}\n\n@recover.exchange-abc.org #7K2M91QX\n")
        } else {
            format!("{footer}\n")
        };
        assert!(mail.text.ends_with(&ending), "{}: {}", mail.id, mail.text);
    }
}

#[test]
fn html_says_the_same_and_fetches_nothing() {
    let squeeze = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    for (message, ..) in all() {
        let mail = rendered(&message);
        assert_eq!(
            squeeze(&visible(&mail.html)),
            squeeze(&mail.text),
            "{}",
            mail.id
        );
        for banned in [
            "<img", "<script", "<link", "<style", "src=", "url(", "style=",
        ] {
            assert!(!mail.html.contains(banned), "{}: {banned}", mail.id);
        }
        let hrefs = mail.html.matches("href=").count();
        assert_eq!(
            hrefs,
            mail.html.matches(&format!("href=\"{LINK}\"")).count(),
            "{}",
            mail.id
        );
    }
    let asked = rendered(&notices()[0].0);
    assert!(
        asked
            .html
            .contains("<strong>If this is not you, stop it:</strong> <a href=")
    );
}

#[test]
fn the_code_mail_may_show_the_case_and_a_page() {
    let message = Message::Code {
        code: secret("7K2M91QX"),
        case: Some(case()),
        link: Some(link()),
    };
    let mail = rendered(&message);
    assert!(
        mail.text
            .contains(&format!("Your request code is {}.", case()))
    );
    assert!(
        mail.text
            .contains(&format!("Or open a page with the code filled in: {LINK}\n"))
    );
    assert!(
        mail.text
            .ends_with("\n@recover.exchange-abc.org #7K2M91QX\n")
    );
}

#[test]
fn singular_is_written_as_singular() {
    let one = Message::Missing {
        case: case(),
        parts: 1,
        until: UNTIL.to_owned(),
        link: link(),
    };
    let mail = rendered(&one);
    assert!(mail.subject.starts_with("1 part missing"));
    assert!(mail.text.starts_with("Send it by"));
    let again = Message::Again {
        case: case(),
        items: vec![RetakeItem {
            item: "A".into(),
            headline: "B".into(),
            advice: "C.".into(),
        }],
        until: UNTIL.to_owned(),
    };
    assert!(rendered(&again).subject.starts_with("Take 1 part again"));
}

#[test]
fn slots_cannot_forge_lines_markup_or_other_slots() {
    let why = "<b onclick=x>\r\nBcc: all@example.com\u{202E}{link}**";
    let message = Message::Late {
        case: case(),
        said: "a".to_owned(),
        new: "b\r\nSubject: forged".to_owned(),
        why: why.to_owned(),
    };
    let mail = rendered(&message);
    assert!(!mail.text.contains("\nBcc") && !mail.text.contains('\r'));
    assert!(mail.text.contains("Bcc: all@example.com {link}**"));
    assert!(mail.html.contains("&lt;b onclick=x&gt;") && !mail.html.contains("<b "));
    let script = Message::SetUp {
        until: UNTIL.into(),
        link: secret("javascript:alert(1)"),
    };
    assert!(!rendered(&script).html.contains("href"));
}

#[test]
fn secrets_do_not_show_in_debug() {
    for (message, ..) in all() {
        let shown = format!("{message:?} {:?}", rendered(&message));
        for hidden in [LINK, "7K2M91QX", "4F7H-KM2P"] {
            assert!(!shown.contains(hidden), "{shown}");
        }
    }
}

#[test]
fn messages_survive_being_stored() {
    for (message, ..) in all() {
        let stored = serde_json::to_vec(&message).unwrap();
        let back: Message = serde_json::from_slice(&stored).unwrap();
        assert_eq!(rendered(&back), rendered(&message));
    }
    let extra = br#"{"message":"passed","by":"x","more":1}"#;
    assert!(serde_json::from_slice::<Message>(extra).is_err());
}

#[test]
fn every_sms_fits_one_segment_with_the_longest_names() {
    let notice = || secret("4F7H-KM2P");
    let (day, later) = (|| "24 Nov".to_owned(), || "30 Nov".to_owned());
    let texts = [
        (
            Sms::Asked { notice: notice() },
            "ExchangeABCD: somebody asks to recover your account. Not you? Stop it at \
             recover.exchange-abc.org/stop with 4F7H-KM2P. We never call or ask for money.",
        ),
        (
            Sms::Approved {
                until: day(),
                notice: notice(),
            },
            "ExchangeABCD: recovery approved, money locked till 24 Nov. Not you? Stop it: \
             recover.exchange-abc.org/stop code 4F7H-KM2P. Never share other codes.",
        ),
        (
            Sms::LastHours {
                hours: 24,
                notice: notice(),
            },
            "ExchangeABCD: 24h left to stop the recovery of your account. Not you? \
             recover.exchange-abc.org/stop code 4F7H-KM2P",
        ),
        (
            Sms::Stopped { notice: notice() },
            "ExchangeABCD: recovery stopped, account frozen. Next steps only at \
             recover.exchange-abc.org/stop code 4F7H-KM2P. We never call.",
        ),
        (
            Sms::Finished {
                on: day(),
                until: later(),
                notice: notice(),
            },
            "ExchangeABCD: recovery finished 24 Nov. Not you? Object till 30 Nov at \
             recover.exchange-abc.org/stop code 4F7H-KM2P",
        ),
        (
            Sms::News { case: case() },
            "ExchangeABCD: news on request {case}. Read it at recover.exchange-abc.org. We never \
             call or ask for money.",
        ),
    ];
    for (sms, words) in texts {
        let text = render_sms(&brand(), &sms).unwrap();
        assert_eq!(text, filled(words));
        assert!(text.len() <= SMS_LIMIT, "{}: {}", sms.id(), text.len());
        assert!(!format!("{sms:?}").contains("4F7H"));
    }
}

#[test]
fn sms_that_would_not_fit_are_refused() {
    let sms = Sms::Asked {
        notice: secret("4F7H-KM2P"),
    };
    let long = Brand {
        platform: "A platform with a long name".to_owned(),
        ..brand()
    };
    assert!(matches!(
        render_sms(&long, &sms),
        Err(SmsError::TooLong { septets: 161.. })
    ));
    let foreign = Brand {
        platform: "Біржа".to_owned(),
        ..brand()
    };
    assert_eq!(render_sms(&foreign, &sms), Err(SmsError::NotGsm));
    let accents = Brand {
        platform: "Börse Zürich".to_owned(),
        ..brand()
    };
    assert!(render_sms(&accents, &Sms::News { case: case() }).is_ok());
}

#[test]
fn a_pasted_message_has_the_same_fingerprint_unless_it_was_changed() {
    let mail = rendered(&mails()[1].0);
    let quoted: String = mail
        .text
        .lines()
        .map(|line| format!("> {line}\r\n"))
        .collect();
    assert_eq!(fingerprint_text(&quoted), fingerprint(&mail));
    let from_page = visible(&rendered(&notices()[0].0).html).replace('\'', "\u{2019}");
    assert_eq!(
        fingerprint_text(&from_page),
        fingerprint(&rendered(&notices()[0].0))
    );
    let altered = mail
        .text
        .replace("exchange-abc.org/c/", "exchange-adc.org/c/");
    assert_ne!(fingerprint_text(&altered), fingerprint(&mail));
    assert_ne!(
        fingerprint_text(&mail.text.to_uppercase()),
        fingerprint(&mail)
    );
}
