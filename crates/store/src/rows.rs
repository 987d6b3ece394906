//! How a column becomes a precise type, and the macro that makes rows of them on both engines.

use recovery::id::{
    AccountRef, AssignmentId, BlindIndex, CaseCode, CaseId, ContentDigest, EvidenceId, JobId,
    MessageId, PhoneLinkId, ReviewerId, TakeId, UploadId,
};
use recovery::sensitive::Sensitive;
use recovery::time::Timestamp;

use crate::{JobPriority, SecretDigest, WebhookState};

type Fault = Box<dyn std::error::Error + Send + Sync>;

/// A type that one column holds in a raw form which both engines know.
pub(crate) trait Column: Sized {
    /// `i64`, `String`, `Vec<u8>`, or an `Option` of them.
    type Raw;

    /// Reads the raw form; an error names what is wrong with it, never its value.
    fn from_raw(raw: Self::Raw) -> Result<Self, Fault>;
}

macro_rules! columns {
    ($($kind:ty: $raw:ty = |$value:ident| $read:expr;)*) => {$(
        impl Column for $kind {
            type Raw = $raw;

            fn from_raw($value: $raw) -> Result<Self, Fault> {
                $read
            }
        }

        impl Column for Option<$kind> {
            type Raw = Option<$raw>;

            fn from_raw(raw: Self::Raw) -> Result<Self, Fault> {
                raw.map(<$kind as Column>::from_raw).transpose()
            }
        }
    )*};
}

columns! {
    i64: i64 = |raw| Ok(raw);
    u64: i64 = |raw| Ok(u64::try_from(raw)?);
    u32: i64 = |raw| Ok(u32::try_from(raw)?);
    bool: i64 = |raw| Ok(raw != 0);
    String: String = |raw| Ok(raw);
    Vec<u8>: Vec<u8> = |raw| Ok(raw);
    [u8; 32]: Vec<u8> = |raw| raw.try_into().map_err(|_| Fault::from("not 32 bytes"));
    [u8; 64]: Vec<u8> = |raw| raw.try_into().map_err(|_| Fault::from("not 64 bytes"));
    SecretDigest: Vec<u8> = |raw| <[u8; 32]>::from_raw(raw).map(SecretDigest);
    Sensitive<Vec<u8>>: Vec<u8> = |raw| Ok(Sensitive::new(raw));
    Timestamp: i64 = |raw| Ok(Timestamp::from_millis(raw));
    JobPriority: i64 = |raw| JobPriority::from_number(raw).ok_or(Fault::from("unknown priority"));
    AccountRef: String = |raw| Ok(AccountRef(raw));
    BlindIndex: String = |raw| Ok(BlindIndex(raw));
    ContentDigest: String = |raw| Ok(ContentDigest(raw));
    CaseId: String = |raw| Ok(raw.parse()?);
    CaseCode: String = |raw| Ok(raw.parse()?);
    JobId: String = |raw| Ok(raw.parse()?);
    MessageId: String = |raw| Ok(raw.parse()?);
    WebhookState: String =
        |raw| WebhookState::named(&raw).ok_or(Fault::from("unknown state of a webhook"));
    UploadId: String = |raw| Ok(raw.parse()?);
    EvidenceId: String = |raw| Ok(raw.parse()?);
    TakeId: String = |raw| Ok(raw.parse()?);
    PhoneLinkId: String = |raw| Ok(raw.parse()?);
    ReviewerId: String = |raw| Ok(raw.parse()?);
    AssignmentId: String = |raw| Ok(raw.parse()?);
}

/// Declares row structs: every field is the column of the same name, read by [`Column`].
macro_rules! rows {
    ($(
        $(#[$doc:meta])*
        $vis:vis struct $name:ident {
            $($(#[$field_doc:meta])* $field_vis:vis $field:ident: $kind:ty,)*
        }
    )*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone)]
        $vis struct $name {
            $($(#[$field_doc])* $field_vis $field: $kind,)*
        }

        rows!(@decode sqlx::sqlite::SqliteRow, $name { $($field: $kind,)* });
        rows!(@decode sqlx::postgres::PgRow, $name { $($field: $kind,)* });
    )*};
    (@decode $row:ty, $name:ident { $($field:ident: $kind:ty,)* }) => {
        impl<'r> sqlx::FromRow<'r, $row> for $name {
            fn from_row(row: &'r $row) -> sqlx::Result<Self> {
                use $crate::rows::Column;
                Ok(Self {$(
                    $field: {
                        let raw: <$kind as Column>::Raw =
                            sqlx::Row::try_get(row, stringify!($field))?;
                        <$kind as Column>::from_raw(raw).map_err(|source| {
                            sqlx::Error::ColumnDecode {
                                index: stringify!($field).to_owned(),
                                source,
                            }
                        })?
                    },
                )*})
            }
        }
    };
}

/// A count or a position as the databases want it: signed. Larger than `i64::MAX` never happens.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A count as the databases give it. Negative never happens.
pub(crate) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
