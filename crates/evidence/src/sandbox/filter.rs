//! The system calls that no media tool needs, as a filter for `bwrap --seccomp`.
//!
//! A list of what is forbidden, not of what is allowed: the tools' libraries differ between
//! distributions, and namespaces are the wall. This takes away the kernel's parts in which holes
//! are found most often: new namespaces, mounts, tracing, keys, BPF, io_uring.

use std::collections::BTreeMap;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule,
};

/// Refused whatever their arguments.
const REFUSED: [i64; 40] = [
    libc::SYS_acct,
    libc::SYS_add_key,
    libc::SYS_bpf,
    libc::SYS_chroot,
    // Keeps its flags in memory, where no filter sees them: libc falls back to `clone`, whose
    // flags are looked at.
    libc::SYS_clone3,
    libc::SYS_delete_module,
    libc::SYS_finit_module,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fsopen,
    libc::SYS_fspick,
    libc::SYS_init_module,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_io_uring_setup,
    libc::SYS_kcmp,
    libc::SYS_kexec_load,
    libc::SYS_keyctl,
    libc::SYS_mbind,
    libc::SYS_migrate_pages,
    libc::SYS_mount,
    libc::SYS_mount_setattr,
    libc::SYS_move_mount,
    libc::SYS_move_pages,
    libc::SYS_open_by_handle_at,
    libc::SYS_open_tree,
    libc::SYS_perf_event_open,
    libc::SYS_personality,
    libc::SYS_pivot_root,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_ptrace,
    libc::SYS_quotactl,
    libc::SYS_reboot,
    libc::SYS_request_key,
    libc::SYS_setns,
    libc::SYS_socket,
    libc::SYS_swapon,
    libc::SYS_unshare,
    libc::SYS_userfaultfd,
];

/// The filter as the kernel reads it: `struct sock_filter` after `struct sock_filter`. Nothing on a
/// processor for which none can be made.
pub(super) fn program() -> Option<Vec<u8>> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> =
        REFUSED.iter().map(|call| (*call, Vec::new())).collect();
    let new_users = u64::try_from(libc::CLONE_NEWUSER).ok()?;
    let condition = SeccompCondition::new(
        0,
        SeccompCmpArgLen::Qword,
        SeccompCmpOp::MaskedEq(new_users),
        new_users,
    );
    let rule = SeccompRule::new(vec![condition.ok()?]).ok()?;
    rules.insert(libc::SYS_clone, vec![rule]);
    let refused = SeccompAction::Errno(u32::try_from(libc::ENOSYS).ok()?);
    let processor = std::env::consts::ARCH.try_into().ok()?;
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, refused, processor).ok()?;
    let program: BpfProgram = filter.try_into().ok()?;
    let bytes = program.iter().flat_map(|step| {
        let [a, b] = step.code.to_ne_bytes();
        let [c, d, e, f] = step.k.to_ne_bytes();
        [a, b, step.jt, step.jf, c, d, e, f]
    });
    Some(bytes.collect())
}
