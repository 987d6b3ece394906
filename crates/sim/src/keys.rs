//! The names of all parameters, section by section, with the range of each.

use std::marker::PhantomData;

/// A parameter of a section.
pub(crate) trait Key: Copy + 'static {
    /// Every one, in the order of the file.
    const ALL: &'static [Self];
    /// As the file calls it.
    fn name(self) -> &'static str;
    /// The least and the most it may be.
    fn bounds(self) -> (f64, f64);
    /// Its place among [`Key::ALL`].
    fn place(self) -> usize;
}

macro_rules! keys {
    (
        $(#[$doc:meta])*
        $name:ident {
            $($(#[$of:meta])* $variant:ident = $text:literal, $least:literal, $most:literal;)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum $name { $($(#[$of])* $variant,)* }

        impl Key for $name {
            const ALL: &'static [Self] = &[$(Self::$variant,)*];

            fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            fn bounds(self) -> (f64, f64) {
                match self { $(Self::$variant => ($least, $most),)* }
            }

            fn place(self) -> usize {
                self as usize
            }
        }
    };
}

keys! {
    /// What holds of an applicant, honest or not.
    Trait {
        PhotoRetake = "photo_retake", 0.0, 1.0;
        Coached = "coached", 0.0, 1.0;
        NoteRetake = "note_retake", 0.0, 1.0;
        NoteUnsure = "note_unsure", 0.0, 1.0;
        FaceUnsure = "face_unsure", 0.0, 1.0;
        FaceFail = "face_fail", 0.0, 1.0;
        DocumentUnsure = "document_unsure", 0.0, 1.0;
        DocumentFail = "document_fail", 0.0, 1.0;
        PhraseUnsure = "phrase_unsure", 0.0, 1.0;
        WordsRetake = "words_retake", 0.0, 1.0;
        LiveUnsure = "live_unsure", 0.0, 1.0;
        ArrivalUnsure = "arrival_unsure", 0.0, 1.0;
        CameraUnsure = "camera_unsure", 0.0, 1.0;
        ReuseUnsure = "reuse_unsure", 0.0, 1.0;
        SameAgain = "same_again", 0.0, 1.0;
        FromFile = "from_file", 0.0, 1.0;
        ClueMatch = "clue_match", 0.0, 1.0;
        ClueNear = "clue_near", 0.0, 1.0;
        ClueMiss = "clue_miss", 0.0, 1.0;
        DeviceKnown = "device_known", 0.0, 1.0;
        DeviceNew = "device_new", 0.0, 1.0;
        Near = "near", 0.0, 1.0;
        Far = "far", 0.0, 1.0;
        Travel = "travel", 0.0, 1.0;
        Network = "network", 0.0, 1.0;
        Changes = "changes", 0.0, 1.0;
        StakeMedium = "stake_medium", 0.0, 1.0;
        StakeLarge = "stake_large", 0.0, 1.0;
        NeverSends = "never_sends", 0.0, 1.0;
        GivesUp = "gives_up", 0.0, 1.0;
        Appeals = "appeals", 0.0, 1.0;
        Disputes = "disputes", 0.0, 1.0;
        HandoverNever = "handover_never", 0.0, 1.0;
        KeyLost = "key_lost", 0.0, 1.0;
        /// Attackers only.
        Tries = "tries", 1.0, 20.0;
        /// Attackers only.
        Bribed = "bribed", 0.0, 50.0;
    }
}

impl Trait {
    /// Whether it has no meaning for an honest applicant.
    pub(crate) const fn of_attackers(self) -> bool {
        matches!(self, Self::Tries | Self::Bribed)
    }
}

/// Outcomes of one draw: together they are no more than certain.
pub(crate) const TOGETHER: [&[Trait]; 7] = [
    &[Trait::NoteRetake, Trait::NoteUnsure],
    &[Trait::FaceUnsure, Trait::FaceFail],
    &[Trait::DocumentUnsure, Trait::DocumentFail],
    &[Trait::ClueMatch, Trait::ClueNear, Trait::ClueMiss],
    &[Trait::DeviceKnown, Trait::DeviceNew],
    &[Trait::Near, Trait::Far],
    &[Trait::StakeMedium, Trait::StakeLarge],
];

keys! {
    /// Who decides, how long it takes them, and how often they err.
    Staff {
        Reviewers = "reviewers", 0.0, 200.0;
        Seniors = "seniors", 0.0, 200.0;
        HoursADay = "hours_a_day", 0.5, 24.0;
        MinutesLook = "minutes_look", 1.0, 60.0;
        MinutesSenior = "minutes_senior", 1.0, 60.0;
        QueueFast = "queue_fast_hours", 0.0, 240.0;
        QueueOrdinary = "queue_ordinary_hours", 0.0, 240.0;
        QueueLow = "queue_low_hours", 0.0, 240.0;
        ApproveClean = "wrong_approve_clean", 0.0, 1.0;
        ApproveDoubt = "wrong_approve_doubt", 0.0, 1.0;
        ApproveAgainst = "wrong_approve_against", 0.0, 1.0;
        RefuseClean = "wrong_refuse_clean", 0.0, 1.0;
        RefuseDoubt = "wrong_refuse_doubt", 0.0, 1.0;
        RefuseAgainst = "wrong_refuse_against", 0.0, 1.0;
        AsksAgain = "asks_again", 0.0, 1.0;
        Escalates = "escalates", 0.0, 1.0;
        Shared = "shared", 0.0, 1.0;
        WrongContest = "wrong_contest", 0.0, 1.0;
    }
}

keys! {
    /// The true holder of an attacked account.
    Watch {
        Absent = "absent", 0.0, 1.0;
        Mail = "mail", 0.0, 1.0;
        Phone = "phone", 0.0, 1.0;
        SignedIn = "signed_in", 0.0, 1.0;
        MailHours = "mail_hours", 0.0, 1000.0;
        PhoneHours = "phone_hours", 0.0, 1000.0;
        SignedInHours = "signed_in_hours", 0.0, 1000.0;
        ObjectsWrongly = "objects_wrongly", 0.0, 1.0;
    }
}

keys! {
    /// How long things take.
    Pace {
        Gather = "gather_hours", 0.0, 200.0;
        Check = "check_minutes", 0.0, 1000.0;
        Answer = "answer_hours", 0.0, 500.0;
        Handover = "handover_hours", 0.0, 500.0;
        Freeze = "freeze_minutes", 0.0, 1000.0;
        Notice = "notice_minutes", 0.0, 1000.0;
    }
}

/// A number for each key of a section.
#[derive(Debug)]
pub(crate) struct Values<K> {
    values: Vec<f64>,
    keys: PhantomData<K>,
}

impl<K: Key> Values<K> {
    /// From a number for each key.
    pub(crate) fn new(of: impl Fn(K) -> f64) -> Self {
        Self {
            values: K::ALL.iter().map(|key| of(*key)).collect(),
            keys: PhantomData,
        }
    }

    /// The number of a key.
    pub(crate) fn of(&self, key: K) -> f64 {
        self.values.get(key.place()).copied().unwrap_or_default()
    }
}
