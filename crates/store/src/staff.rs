//! Staff and their passkeys.

use recovery::id::ReviewerId;
use recovery::time::Timestamp;

use crate::tx::{Reader, Tx};
use crate::{MAX_PAGE, Result};

statements! {
    ADD = "INSERT INTO staff (" [staff_columns] ") VALUES ($1, $2, $3, $4, $5, $6)";
    UPDATE = "UPDATE staff SET name = $2, role = $3, active = $4 WHERE id = $1";
    GET = "SELECT " [staff_columns] " FROM staff WHERE id = $1";
    BY_HANDLE = "SELECT " [staff_columns] " FROM staff WHERE user_handle = $1";
    LIST = "SELECT " [staff_columns] " FROM staff WHERE id > $1 ORDER BY id LIMIT $2";
    ADD_PASSKEY = "INSERT INTO staff_passkeys (credential_id, staff_id, body, created_at) \
        VALUES ($1, $2, $3, $4)";
    PASSKEY = "SELECT " [passkey_columns] " FROM staff_passkeys WHERE credential_id = $1";
    PASSKEYS = "SELECT " [passkey_columns] " FROM staff_passkeys WHERE staff_id = $1 \
        ORDER BY created_at, credential_id LIMIT $2";
    UPDATE_PASSKEY = "UPDATE staff_passkeys SET body = $2, last_used_at = $3 \
        WHERE credential_id = $1";
    DELETE_PASSKEY = "DELETE FROM staff_passkeys WHERE credential_id = $1";
}

rows! {
    /// A member of staff.
    #[derive(PartialEq, Eq)]
    pub struct Staff {
        /// The identifier.
        pub id: ReviewerId,
        /// The name that colleagues see.
        pub name: String,
        /// What they may do.
        pub role: String,
        /// Whether they may sign in.
        pub active: bool,
        /// WebAuthn's user handle: random bytes.
        pub user_handle: Vec<u8>,
        /// When they were added; given or not, the store sets it.
        pub created_at: Timestamp,
    }

    /// A passkey of a member of staff.
    #[derive(PartialEq, Eq)]
    pub struct Passkey {
        /// WebAuthn's credential id.
        pub credential_id: Vec<u8>,
        /// Whose it is.
        pub staff_id: ReviewerId,
        /// The credential, with its public key and counter.
        pub body: Vec<u8>,
        /// When it was added.
        pub created_at: Timestamp,
        /// When it last signed somebody in.
        pub last_used_at: Option<Timestamp>,
    }
}

impl Reader {
    /// A member of staff.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn staff(&mut self, id: &ReviewerId) -> Result<Option<Staff>> {
        fetch!(fetch_optional, Staff, self.conn, GET, id.as_str())
    }

    /// The member of staff of a WebAuthn user handle.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn staff_by_user_handle(&mut self, handle: &[u8]) -> Result<Option<Staff>> {
        fetch!(fetch_optional, Staff, self.conn, BY_HANDLE, handle)
    }

    /// A page of staff, by identifier.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_staff(
        &mut self,
        after: Option<&ReviewerId>,
        limit: u32,
    ) -> Result<Vec<Staff>> {
        let after = after.map_or("", ReviewerId::as_str);
        fetch!(
            fetch_all,
            Staff,
            self.conn,
            LIST,
            after,
            i64::from(limit.min(MAX_PAGE))
        )
    }

    /// A passkey by its credential id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn passkey(&mut self, credential_id: &[u8]) -> Result<Option<Passkey>> {
        fetch!(fetch_optional, Passkey, self.conn, PASSKEY, credential_id)
    }

    /// The passkeys of a member of staff, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn passkeys_of(&mut self, staff: &ReviewerId) -> Result<Vec<Passkey>> {
        fetch!(
            fetch_all,
            Passkey,
            self.conn,
            PASSKEYS,
            staff.as_str(),
            i64::from(MAX_PAGE)
        )
    }
}

impl Tx {
    /// Adds a member of staff, now.
    ///
    /// # Errors
    /// [`crate::StoreError::Taken`] if the identifier or the handle is known.
    pub async fn add_staff(&mut self, staff: &Staff) -> Result<()> {
        let now = self.now().await?;
        execute!(
            self.conn,
            ADD,
            staff.id.as_str(),
            staff.name.as_str(),
            staff.role.as_str(),
            i64::from(staff.active),
            staff.user_handle.as_slice(),
            now.millis()
        )
        .map(|_| ())
    }

    /// Changes name, role and whether they may sign in; false if unknown.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_staff(&mut self, staff: &Staff) -> Result<bool> {
        let (id, active) = (staff.id.as_str(), i64::from(staff.active));
        let (name, role) = (staff.name.as_str(), staff.role.as_str());
        Ok(execute!(self.conn, UPDATE, id, name, role, active)? > 0)
    }

    /// Adds a passkey, now.
    ///
    /// # Errors
    /// [`crate::StoreError::Taken`] if the credential id is known.
    pub async fn add_passkey(
        &mut self,
        staff: &ReviewerId,
        credential_id: &[u8],
        body: &[u8],
    ) -> Result<()> {
        let now = self.now().await?.millis();
        execute!(
            self.conn,
            ADD_PASSKEY,
            credential_id,
            staff.as_str(),
            body,
            now
        )
        .map(|_| ())
    }

    /// Notes that a passkey signed somebody in now, with its new counter; false if unknown.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_passkey(&mut self, credential_id: &[u8], body: &[u8]) -> Result<bool> {
        let now = self.now().await?.millis();
        Ok(execute!(self.conn, UPDATE_PASSKEY, credential_id, body, now)? > 0)
    }

    /// Removes a passkey; false if unknown.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_passkey(&mut self, credential_id: &[u8]) -> Result<bool> {
        Ok(execute!(self.conn, DELETE_PASSKEY, credential_id)? > 0)
    }
}
