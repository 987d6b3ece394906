//! New credentials: checked, staged, and not active yet.

use recovery::id::CaseId;
use recovery::time::{Span, Timestamp};

use crate::contract::{
    CredentialsRequest, EnrolAt, PasswordAnswer, PasswordCheck, PasswordReason, RECOVERY_CODES,
    StagedCredentials, TotpAlgorithm, TotpSecret,
};

use super::ground::{Ground, fresh_word};
use super::rows::{Must, Rows, Trial, ensure, fail, skip};
use super::wire::Call;

/// On which the rows of the factors stand.
pub(super) const STAGED: &str = "credentials.staged";
/// Nobody uses a password before it was suspended what it takes the place of.
pub(super) const NOT_ACTIVE: &str = "credentials.not_active";

/// Long, with both cases and digits, and among the first that thieves try.
const COMMON: &str = "Password123456789";

/// When the handovers of the trials began.
const BEGUN_AT: Timestamp = Timestamp::from_millis(1_790_000_000_000);

/// New credentials of every kind that is made at Regain, apart from a passkey.
pub(super) fn request(ground: &Ground) -> Trial<CredentialsRequest> {
    let declared = ground.declared()?;
    let word = fresh_word();
    let at_regain = |place: EnrolAt| place == EnrolAt::AtRegain;
    let password = format!("Quiet rivers, {word} stones");
    let secret = data_encoding::BASE32_NOPAD.encode(word.get(..20).unwrap_or(&word).as_bytes());
    let totp = TotpSecret {
        secret: secret.into(),
        algorithm: TotpAlgorithm::Sha1,
        digits: 6,
        period: 30,
        used_step: Some(1),
    };
    let codes_at_regain = declared.recovery_codes.is_some_and(at_regain);
    let codes = || {
        let code = |_| fresh_word().chars().take(20).collect::<String>().into();
        (0..RECOVERY_CODES).map(code).collect()
    };
    Ok(CredentialsRequest {
        email: Some(format!("conformance-{word}@example.com").into()),
        password: at_regain(declared.password).then(|| password.into()),
        totp: at_regain(declared.totp).then_some(totp),
        recovery_codes: codes_at_regain.then(codes),
        ..CredentialsRequest::nothing(format!("conformance-{word}"), BEGUN_AT)
    })
}

pub(super) fn stage_call(
    ground: &Ground,
    case: &CaseId,
    request: &CredentialsRequest,
) -> Trial<Call> {
    let path = ground.path(&format!("recoveries/{case}/credentials"))?;
    Ok(Call::put(path, request))
}

/// Stages new credentials of every kind for a case, and gives what was staged.
pub(super) async fn stage(ground: &Ground, case: &CaseId) -> Trial<CredentialsRequest> {
    let request = request(ground)?;
    let staged: StagedCredentials = ground
        .wire
        .json(&stage_call(ground, case, &request)?)
        .await?;
    ensure(staged == kinds_of(&request), || {
        "the answer names other kinds than were staged".to_owned()
    })?;
    Ok(request)
}

const fn kinds_of(request: &CredentialsRequest) -> StagedCredentials {
    StagedCredentials {
        email: request.email.is_some(),
        password: request.password.is_some(),
        totp: request.totp.is_some(),
        passkey: request.passkey.is_some(),
        recovery_codes: request.recovery_codes.is_some(),
    }
}

async fn read_staged(ground: &Ground, case: &CaseId) -> Trial<StagedCredentials> {
    let path = ground.path(&format!("recoveries/{case}/credentials"))?;
    ground.wire.json(&Call::get(path)).await
}

/// Without a password made at Regain the suite cannot bring about a handover.
pub(super) fn password_at_regain(ground: &Ground) -> Trial {
    match ground.declared()?.password {
        EnrolAt::AtRegain => Ok(()),
        EnrolAt::AtPlatform => skip("passwords are made on the platform's page: try by hand"),
    }
}

async fn check_password(ground: &Ground, password: String) -> Trial<PasswordAnswer> {
    let check = PasswordCheck {
        password: password.into(),
    };
    let call = Call::post(ground.path("credentials/password/check")?, &check);
    ground.wire.json(&call).await
}

/// Regain refuses common passwords itself, so a platform may take them; one that refuses them says
/// so, or the applicant is not told what to do.
async fn common_password(ground: &Ground, rows: &mut Rows<'_>) {
    let must = Must::new(
        "credentials.password_common",
        "A common password that is refused is refused as `too_common`.",
        "Answer `too_common`: the applicant reads what to choose in its place.",
    );
    rows.check(must, async {
        password_at_regain(ground)?;
        let answer = check_password(ground, COMMON.to_owned()).await?;
        match answer.reason {
            _ if answer.acceptable => {
                skip("common passwords are left to Regain, which refuses them")
            }
            Some(PasswordReason::TooCommon) => Ok(()),
            reason => fail(format!("it is refused as {reason:?}")),
        }
    })
    .await;
}

/// Whose address this is, once it is somebody's.
pub(super) async fn resolves(ground: &Ground, request: &CredentialsRequest) -> Trial<bool> {
    let Some(email) = &request.email else {
        return Ok(false);
    };
    let found = ground.resolve(email.reveal()).await?;
    Ok(found.is_some() && found.as_ref() == ground.account.get())
}

pub(super) async fn run(ground: &Ground, rows: &mut Rows<'_>) {
    let case = ground.case();
    let must = Must::new(
        "credentials.password_check",
        "A long new password would do, a password of one letter would not.",
        "Apply the rules of your own password page, and change nothing.",
    );
    rows.check(must, async {
        password_at_regain(ground)?;
        for (password, fine) in [(fresh_word(), true), ("a".to_owned(), false)] {
            let answer = check_password(ground, password).await?;
            ensure(answer.acceptable == fine, || {
                let length = if fine { "long" } else { "short" };
                format!("the {length} password is answered {}", answer.acceptable)
            })?;
        }
        Ok(())
    })
    .await;
    common_password(ground, rows).await;
    let must = Must::new(
        STAGED,
        "New credentials are staged, and the answer names the kinds that are.",
        "Keep what is staged apart, by case and kind.",
    );
    rows.check(must, async {
        stage(ground, &case).await?;
        Ok(())
    })
    .await;
    let must = Must::new(
        "credentials.read_staged",
        "What is staged for a case reads back, and nothing for another case.",
        "Answer from what you staged, whoever staged it: Regain's call, or your own page.",
    );
    rows.check(must.needs(STAGED), async {
        let case = ground.case();
        let other = read_staged(ground, &ground.case()).await?;
        ensure(other == StagedCredentials::default(), || {
            "something is staged for a case that nobody knows".to_owned()
        })?;
        let request = stage(ground, &case).await?;
        let read = read_staged(ground, &case).await?;
        ensure(read == kinds_of(&request), || {
            "other kinds read back than were staged".to_owned()
        })
    })
    .await;
    let must = Must::new(
        NOT_ACTIVE,
        "What is staged is not active: the new address is nobody's yet.",
        "Make it active with the suspension of the old factors, in one transaction.",
    );
    rows.check(must.needs(STAGED).needs("resolve.unknown"), async {
        let request = stage(ground, &case).await?;
        ensure(!resolves(ground, &request).await?, || {
            "the staged address already names the account".to_owned()
        })
    })
    .await;
    Box::pin(keys(ground, rows, &case)).await;
    Box::pin(handovers(ground, rows, &case)).await;
}

async fn keys(ground: &Ground, rows: &mut Rows<'_>, case: &CaseId) {
    let must = Must::new(
        "credentials.twice",
        "The same request again gets the same answer.",
        "Keep key and answer in the transaction of the change.",
    );
    rows.check(must.needs(STAGED), async {
        let call = stage_call(ground, case, &request(ground)?)?;
        let first: StagedCredentials = ground.wire.json(&call).await?;
        let again: StagedCredentials = ground.wire.json(&call).await?;
        ensure(first == again, || "the second answer differs".to_owned())
    })
    .await;
    let must = Must::new(
        "credentials.key_reused",
        "Another request under a used key is refused with 409, also if only the password differs.",
        "Compare a password with the hash that you keep; keep no fast digest of it.",
    );
    rows.check(must.needs(STAGED), async {
        let mut staged = stage(ground, case).await?;
        if staged.password.is_some() {
            staged.password = Some(format!("Another {} one", fresh_word()).into());
        } else {
            staged.email = Some(format!("other-{}@example.com", fresh_word()).into());
        }
        let call = stage_call(ground, case, &staged)?;
        ground.wire.refused(&call, &[409]).await
    })
    .await;
    let must = Must::new(
        "credentials.out_of_form",
        "An authenticator whose secret is not base 32 is refused with 422.",
        "Check each credential before you stage it.",
    );
    rows.check(must.needs(STAGED), async {
        let mut staged = request(ground)?;
        let Some(totp) = &mut staged.totp else {
            return skip("authenticators are made on the platform's page");
        };
        totp.secret = "not base 32!".to_owned().into();
        let call = stage_call(ground, &ground.case(), &staged)?;
        ground.wire.refused(&call, &[422, 400]).await
    })
    .await;
}

/// Nothing of a handover comes into force that was begun before.
async fn handovers(ground: &Ground, rows: &mut Rows<'_>, case: &CaseId) {
    let must = Must::new(
        "credentials.keep",
        "What a request does not keep of what was staged before it is taken away.",
        "Take it away in the transaction in which you stage the new.",
    );
    rows.check(must.needs(STAGED), async {
        stage(ground, case).await?;
        let alone = CredentialsRequest {
            password: None,
            totp: None,
            recovery_codes: None,
            keep: Some(StagedCredentials::default()),
            ..request(ground)?
        };
        let call = stage_call(ground, case, &alone)?;
        let staged: StagedCredentials = ground.wire.json(&call).await?;
        ensure(staged == kinds_of(&alone), || {
            "something is still staged that was not to be kept".to_owned()
        })
    })
    .await;
    let must = Must::new(
        "credentials.earlier_handover",
        "What belongs to an earlier handover of the case than was seen is refused with 409.",
        "Keep the latest `begun_at` of each case, and compare in the transaction of the change.",
    );
    rows.check(must.needs(STAGED), async {
        let case = ground.case();
        stage(ground, &case).await?;
        let later = CredentialsRequest {
            begun_at: BEGUN_AT + Span::minutes(1),
            ..request(ground)?
        };
        let call = stage_call(ground, &case, &later)?;
        let _staged: StagedCredentials = ground.wire.json(&call).await?;
        let call = stage_call(ground, &case, &request(ground)?)?;
        ground.wire.refused(&call, &[409]).await
    })
    .await;
}
