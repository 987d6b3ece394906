//! Staff: added by an administrator at the console of the machine, signed in by passkey only.

use recovery::actor::Rank;
use recovery::id::ReviewerId;
use recovery::sensitive::Sensitive;
use recovery::time::{Span, Timestamp};
use store::{NewSecret, SecretDigest, Staff, Tx};

use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::inputs::SessionKind;
use crate::views::StaffMember;

const ENROL: &str = "staff_enrolment";
/// How long an enrolment link works.
const ENROL_LIFE: Span = Span::hours(24);
/// Bytes of a WebAuthn user handle: a UUID's.
const HANDLE_BYTES: usize = 16;

fn member(staff: &Staff) -> Option<StaffMember> {
    Some(StaffMember {
        id: staff.id.clone(),
        name: staff.name.clone(),
        rank: Rank::named(&staff.role)?,
        active: staff.active,
    })
}

impl Engine {
    /// Adds somebody; the secret of their enrolment link comes back, once.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn add_staff(
        &self,
        name: &str,
        rank: Rank,
    ) -> Result<(StaffMember, Sensitive<String>)> {
        use rand::Rng;
        let now = self.now().await?;
        let (id, user_handle) = self.random(|rng| {
            let mut handle = vec![0_u8; HANDLE_BYTES];
            rng.fill_bytes(&mut handle);
            (ReviewerId::new(now, rng), handle)
        });
        let staff = Staff {
            id: id.clone(),
            name: name.to_owned(),
            role: rank.name().to_owned(),
            active: true,
            user_handle,
            created_at: Timestamp::default(),
        };
        let mut tx = self.0.store.begin().await?;
        tx.add_staff(&staff).await?;
        let token = self.put_enrolment(&mut tx, &id).await?;
        tx.commit().await?;
        let member = member(&staff).ok_or(EngineError::NotFound)?;
        Ok((member, token))
    }

    async fn put_enrolment(&self, tx: &mut Tx, id: &ReviewerId) -> Result<Sensitive<String>> {
        let token = self.new_token();
        let now = tx.now().await?;
        tx.put_secret(&NewSecret {
            digest: SecretDigest::of(token.reveal().as_bytes()),
            purpose: ENROL,
            case_id: None,
            subject: id.as_str(),
            expires_at: now + ENROL_LIFE,
        })
        .await?;
        Ok(token)
    }

    /// Another enrolment link for somebody who has no passkey yet; none for anybody else.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn enrol_again(&self, staff: &ReviewerId) -> Result<Option<Sensitive<String>>> {
        let mut tx = self.0.store.begin().await?;
        if !tx.passkeys_of(staff).await?.is_empty() {
            return Ok(None);
        }
        let token = self.put_enrolment(&mut tx, staff).await?;
        tx.commit().await?;
        Ok(Some(token))
    }

    /// Whose enrolment link this is; looking changes nothing.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn staff_by_enrolment(&self, token: &str) -> Result<Option<StaffMember>> {
        let digest = SecretDigest::of(token.as_bytes());
        let mut reader = self.0.store.read().await?;
        let Some(secret) = reader.peek_secret(&digest, ENROL).await? else {
            return Ok(None);
        };
        let id: ReviewerId = secret.subject.parse().map_err(|_| EngineError::NotFound)?;
        let found = reader.staff(&id).await?.filter(|staff| staff.active);
        Ok(found.as_ref().and_then(member))
    }

    /// The WebAuthn user handle of a member of staff.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] for nobody.
    pub async fn staff_handle(&self, staff: &ReviewerId) -> Result<Vec<u8>> {
        let found = self.0.store.read().await?.staff(staff).await?;
        Ok(found.ok_or(EngineError::NotFound)?.user_handle)
    }

    /// Spends the link and keeps the passkey, in one transaction.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] for a spent or unknown link.
    pub async fn enrol_staff_passkey(
        &self,
        token: &str,
        credential_id: &[u8],
        passkey: &[u8],
    ) -> Result<StaffMember> {
        let digest = SecretDigest::of(token.as_bytes());
        let mut tx = self.0.store.begin().await?;
        let secret = tx
            .take_secret(&digest, ENROL)
            .await?
            .ok_or(EngineError::NotFound)?;
        let id: ReviewerId = secret.subject.parse().map_err(|_| EngineError::NotFound)?;
        let staff = tx.staff(&id).await?.filter(|staff| staff.active);
        let staff = staff.ok_or(EngineError::NotFound)?;
        tx.add_passkey(&id, credential_id, passkey).await?;
        tx.commit().await?;
        member(&staff).ok_or(EngineError::NotFound)
    }

    /// Who signs in with this user handle, with their passkeys.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn staff_by_handle(
        &self,
        handle: &[u8],
    ) -> Result<Option<(StaffMember, Vec<Vec<u8>>)>> {
        let mut reader = self.0.store.read().await?;
        let found = reader
            .staff_by_user_handle(handle)
            .await?
            .filter(|staff| staff.active);
        let Some(found) = found else { return Ok(None) };
        let passkeys = reader.passkeys_of(&found.id).await?;
        let bodies = passkeys.into_iter().map(|passkey| passkey.body).collect();
        Ok(member(&found).map(|member| (member, bodies)))
    }

    /// Keeps a passkey's new counter.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn update_staff_passkey(
        &self,
        _staff: &ReviewerId,
        credential_id: &[u8],
        passkey: &[u8],
    ) -> Result<()> {
        let mut tx = self.0.store.begin().await?;
        tx.update_passkey(credential_id, passkey).await?;
        tx.commit().await?;
        Ok(())
    }

    /// A member of staff who may sign in.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn staff(&self, staff: &ReviewerId) -> Result<Option<StaffMember>> {
        let found = self.0.store.read().await?.staff(staff).await?;
        Ok(found.filter(|staff| staff.active).as_ref().and_then(member))
    }

    /// Lets somebody in no more: sessions end at once, an unspent enrolment link opens nothing.
    /// What they decided stays.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] for nobody.
    pub async fn deactivate_staff(&self, staff: &ReviewerId) -> Result<StaffMember> {
        let mut tx = self.0.store.begin().await?;
        let mut found = tx.staff(staff).await?.ok_or(EngineError::NotFound)?;
        found.active = false;
        tx.update_staff(&found).await?;
        let kind = SessionKind::Staff.name();
        tx.delete_sessions_of_subject(kind, staff.as_str()).await?;
        tx.commit().await?;
        member(&found).ok_or(EngineError::NotFound)
    }

    /// Everybody, for the administrator.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn all_staff(&self) -> Result<Vec<StaffMember>> {
        let mut reader = self.0.store.read().await?;
        let found = reader.list_staff(None, 200).await?;
        Ok(found.iter().filter_map(member).collect())
    }
}
