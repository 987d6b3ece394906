//! STUB: signatures only, replaced as the bodies are written.
#![allow(clippy::unused_async, unused_variables, missing_docs)]

use recovery::case::Winner;
use recovery::evidence::{Capture, EvidenceKind};
use recovery::id::{AccountRef, CaseId, EvidenceId, ReviewerId, UploadId};
use recovery::sensitive::Sensitive;
use recovery::time::Timestamp;

use crate::error::{EngineError, Result};
use crate::inputs::*;
use crate::views::*;

#[derive(Clone)]
pub struct Engine {
    settings: std::sync::Arc<PortalSettings>,
    policy: std::sync::Arc<recovery::policy::Policy>,
}

pub struct PlatformCall {
    verified: (),
}
impl PlatformCall {
    pub fn answer_headers(&self, status: u16, body: &[u8]) -> Vec<(&'static str, String)> {
        Vec::new()
    }
}

impl Engine {
    pub fn settings(&self) -> &PortalSettings {
        &self.settings
    }
    pub fn policy(&self) -> &recovery::policy::Policy {
        &self.policy
    }
    pub async fn verify_platform_call(
        &self,
        method: &str,
        path_and_query: &str,
        headers: &[(String, String)],
        body: &[u8],
    ) -> Result<PlatformCall> {
        Err(EngineError::NotFound)
    }
    pub async fn open_case(&self, opening: Opening) -> Result<CaseId> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn give_identifier(
        &self,
        case: &CaseId,
        identifier: Sensitive<String>,
        origin: &Origin,
    ) -> Result<()> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn give_contact(&self, case: &CaseId, address: &str) -> Result<()> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn send_code_again(&self, case: &CaseId) -> Result<()> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn prove_contact(&self, case: &CaseId, code: &str) -> Result<Proved> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn issue_case_key(&self, case: &CaseId) -> Result<Sensitive<String>> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn resume(&self, code: &str, key: &str, origin: &Origin) -> Result<Option<CaseId>> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn resume_by_mail(&self, code: &str, origin: &Origin) -> Result<()> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn resume_with_code(
        &self,
        code: &str,
        mail_code: &str,
        origin: &Origin,
    ) -> Result<Option<CaseId>> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn put_evidence(
        &self,
        case: &CaseId,
        kind: EvidenceKind,
        capture: Capture,
        declared_type: Option<&str>,
        bytes: Vec<u8>,
    ) -> Result<Received> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn begin_upload(&self, case: &CaseId, request: UploadRequest) -> Result<UploadId> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn upload(&self, case: &CaseId, upload: &UploadId) -> Result<UploadView> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn append_chunk(
        &self,
        case: &CaseId,
        upload: &UploadId,
        offset: u64,
        bytes: Vec<u8>,
        sha256: Option<&str>,
    ) -> Result<u64> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn finish_upload(&self, case: &CaseId, upload: &UploadId) -> Result<Received> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn cancel_upload(&self, case: &CaseId, upload: &UploadId) -> Result<()> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn applicant_picture(&self, case: &CaseId, evidence: &EvidenceId) -> Result<Shown> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn give_clues(&self, case: &CaseId, clues: Clues) -> Result<()> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn submit(&self, case: &CaseId) -> Result<()> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn withdraw(&self, case: &CaseId) -> Result<()> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn dispute(&self, case: &CaseId) -> Result<()> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn appeal(&self, case: &CaseId) -> Result<()> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn flag_pressure(&self, case: &CaseId) -> Result<()> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn applicant_view(&self, case: &CaseId) -> Result<ApplicantView> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn peek_ticket(&self, token: &str) -> Result<Option<CaseId>> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn begin_handover(&self, token: &str, case_key: &str) -> Result<Option<CaseId>> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn send_ticket_again(&self, case: &CaseId) -> Result<()> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn handover_view(&self, case: &CaseId) -> Result<HandoverView> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn set_password(&self, case: &CaseId, password: Sensitive<String>) -> Result<()> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn totp_offer(&self, case: &CaseId) -> Result<TotpOffer> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn confirm_totp(&self, case: &CaseId, digits: &str) -> Result<()> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn set_passkey(
        &self,
        case: &CaseId,
        rp_id: &str,
        credential: serde_json::Value,
    ) -> Result<()> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn complete_handover(&self, case: &CaseId) -> Result<()> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn stop_view(&self, secret: &str) -> Result<Option<StopView>> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn veto(&self, secret: &str) -> Result<StopView> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn note_it_was_me(&self, secret: &str) -> Result<()> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn platform_veto(&self, account: &AccountRef, channel: &str) -> Result<bool> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn check_message(&self, code: &str, text: Option<&str>) -> Result<MessageCheck> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn work(&self, staff: &StaffMember) -> Result<WorkView> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn take_next(&self, staff: &StaffMember) -> Result<Option<CaseId>> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn hand_back(
        &self,
        staff: &StaffMember,
        case: &CaseId,
        conflict: bool,
    ) -> Result<()> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn case_file(&self, staff: &StaffMember, case: &CaseId) -> Result<CaseFile> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn show(
        &self,
        staff: &StaffMember,
        case: &CaseId,
        exhibit: Exhibit,
        reason: &str,
    ) -> Result<Shown> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn reveal(
        &self,
        staff: &StaffMember,
        case: &CaseId,
        field: &str,
        reason: &str,
    ) -> Result<Sensitive<String>> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn save_opinion(
        &self,
        staff: &StaffMember,
        case: &CaseId,
        step: &str,
        answer: &str,
    ) -> Result<()> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn give_verdict(
        &self,
        staff: &StaffMember,
        case: &CaseId,
        form: VerdictForm,
    ) -> Result<()> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn vote(
        &self,
        staff: &StaffMember,
        case: &CaseId,
        winner: Winner,
        note: Sensitive<String>,
        exception: Option<String>,
    ) -> Result<()> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn staff_by_enrolment(&self, token: &str) -> Result<Option<StaffMember>> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn staff_handle(&self, staff: &ReviewerId) -> Result<Vec<u8>> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn enrol_staff_passkey(
        &self,
        token: &str,
        credential_id: &[u8],
        passkey: &[u8],
    ) -> Result<StaffMember> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn staff_by_handle(
        &self,
        handle: &[u8],
    ) -> Result<Option<(StaffMember, Vec<Vec<u8>>)>> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn update_staff_passkey(
        &self,
        staff: &ReviewerId,
        credential_id: &[u8],
        passkey: &[u8],
    ) -> Result<()> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn staff(&self, staff: &ReviewerId) -> Result<Option<StaffMember>> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn start_session(
        &self,
        kind: SessionKind,
        subject: &str,
        case: Option<&CaseId>,
        data: Vec<u8>,
    ) -> Result<Sensitive<String>> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn session(&self, token: &str) -> Result<Option<WebSession>> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn save_session(&self, token: &str, data: Vec<u8>) -> Result<()> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn end_session(&self, token: &str) -> Result<()> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn allow(&self, bucket: &str, capacity: u32, per_hour: u32) -> Result<()> {
        Err(EngineError::Unavailable { what: "stub" })
    }
    pub async fn now(&self) -> Result<Timestamp> {
        Err(EngineError::Unavailable { what: "stub" })
    }
}
