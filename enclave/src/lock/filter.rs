//! The system call filter against executable memory, new processes and the network.
//!
//! It names what is refused, with EPERM, and allows the rest: the allow-lists that will stand beside it
//! are another filter. A call under a foreign architecture's numbers kills the process.

use std::collections::BTreeMap;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch,
};

use super::{LockError, Role};

/// Numbers with this bit are the same calls under the x32 convention.
const X32_BIT: i64 = 0x4000_0000;

/// Refused to every role: none needs the network, another program, or another process's memory.
const REFUSED: &[i64] = &[
    libc::SYS_socket,
    libc::SYS_socketpair,
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_listen,
    libc::SYS_accept,
    libc::SYS_accept4,
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_fork,
    libc::SYS_vfork,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_kcmp,
    libc::SYS_pidfd_getfd,
    libc::SYS_pidfd_send_signal,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_userfaultfd,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_move_mount,
    libc::SYS_open_tree,
    libc::SYS_fsopen,
    libc::SYS_fsmount,
    libc::SYS_fsconfig,
    libc::SYS_fspick,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_setns,
    libc::SYS_unshare,
    libc::SYS_personality,
    libc::SYS_modify_ldt,
    libc::SYS_shmat,
    libc::SYS_shmctl,
    libc::SYS_shmdt,
    libc::SYS_shmget,
    libc::SYS_msgctl,
    libc::SYS_msgget,
    libc::SYS_msgrcv,
    libc::SYS_msgsnd,
    libc::SYS_semctl,
    libc::SYS_semget,
    libc::SYS_semop,
    libc::SYS_semtimedop,
    libc::SYS_mq_getsetattr,
    libc::SYS_mq_notify,
    libc::SYS_mq_open,
    libc::SYS_mq_timedreceive,
    libc::SYS_mq_timedsend,
    libc::SYS_mq_unlink,
    libc::SYS_remap_file_pages,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_setuid,
    libc::SYS_setgid,
    libc::SYS_kill,
    libc::SYS_tkill,
    libc::SYS_rt_sigqueueinfo,
    libc::SYS_rt_tgsigqueueinfo,
    libc::SYS_name_to_handle_at,
];

/// Refused to those who run or compile foreign code: files, threads, new memory files.
const REFUSED_TO_HELPERS: &[i64] = &[
    libc::SYS_open,
    libc::SYS_openat,
    libc::SYS_openat2,
    libc::SYS_creat,
    libc::SYS_memfd_create,
    libc::SYS_memfd_secret,
    libc::SYS_clone,
    libc::SYS_clone3,
    libc::SYS_unlink,
    libc::SYS_unlinkat,
    libc::SYS_rename,
    libc::SYS_renameat,
    libc::SYS_renameat2,
    libc::SYS_mkdir,
    libc::SYS_mkdirat,
    libc::SYS_rmdir,
    libc::SYS_link,
    libc::SYS_linkat,
    libc::SYS_symlink,
    libc::SYS_symlinkat,
    libc::SYS_mknod,
    libc::SYS_mknodat,
    libc::SYS_truncate,
    libc::SYS_chmod,
    libc::SYS_fchmod,
    libc::SYS_fchmodat,
    libc::SYS_fchmodat2,
    libc::SYS_chown,
    libc::SYS_lchown,
    libc::SYS_fchown,
    libc::SYS_fchownat,
    libc::SYS_setxattr,
    libc::SYS_lsetxattr,
    libc::SYS_fsetxattr,
    libc::SYS_removexattr,
    libc::SYS_lremovexattr,
    libc::SYS_fremovexattr,
    libc::SYS_utime,
    libc::SYS_utimes,
    libc::SYS_futimesat,
    libc::SYS_utimensat,
    libc::SYS_open_by_handle_at,
];

/// Refused when they ask for execute permission; the argument that asks is the third.
const REFUSED_WITH_EXECUTE: [i64; 3] =
    [libc::SYS_mmap, libc::SYS_mprotect, libc::SYS_pkey_mprotect];
const PROTECTION_ARGUMENT: u8 = 2;

/// Refused unless they name this process: the argument that names one is the first. Ending by a signal
/// of one's own needs the first call, reading one's own limits the second, where 0 is the caller.
const REFUSED_TOWARDS_OTHERS: [i64; 2] = [libc::SYS_tgkill, libc::SYS_prlimit64];
const PROCESS_ARGUMENT: u8 = 0;

/// Puts all threads of this process under the filter of its role.
pub fn install(role: Role) -> Result<(), LockError> {
    Ok(seccompiler::apply_filter_all_threads(&program(role)?)?)
}

/// The filter of a role.
pub fn program(role: Role) -> Result<BpfProgram, LockError> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = BTreeMap::new();
    let helpers: &[i64] = match role {
        Role::Chief => &[],
        Role::Compiler | Role::Runner => REFUSED_TO_HELPERS,
    };
    for call in REFUSED.iter().chain(helpers) {
        rules.insert(*call, Vec::new());
        rules.insert(*call | X32_BIT, Vec::new());
    }
    for call in REFUSED_WITH_EXECUTE {
        rules.insert(call, vec![asks_for_execute()?]);
        rules.insert(call | X32_BIT, Vec::new());
    }
    for (call, own) in REFUSED_TOWARDS_OTHERS
        .into_iter()
        .zip([std::process::id(), 0])
    {
        rules.insert(call, vec![names_another_than(own)?]);
        rules.insert(call | X32_BIT, Vec::new());
    }
    let refuse = SeccompAction::Errno(libc::EPERM as u32);
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, refuse, TargetArch::x86_64)?;
    Ok(filter.try_into()?)
}

fn asks_for_execute() -> Result<SeccompRule, LockError> {
    let execute = libc::PROT_EXEC as u64;
    let asks = SeccompCondition::new(
        PROTECTION_ARGUMENT,
        SeccompCmpArgLen::Dword,
        SeccompCmpOp::MaskedEq(execute),
        execute,
    )?;
    Ok(SeccompRule::new(vec![asks])?)
}

fn names_another_than(own: u32) -> Result<SeccompRule, LockError> {
    let names = SeccompCondition::new(
        PROCESS_ARGUMENT,
        SeccompCmpArgLen::Dword,
        SeccompCmpOp::Ne,
        u64::from(own),
    )?;
    Ok(SeccompRule::new(vec![names])?)
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::native;

    /// A filter binds the thread that installs it, so each trial has a thread of its own.
    fn under_the_runner_filter<T: Send>(act: impl FnOnce() -> T + Send) -> T {
        std::thread::scope(|scope| {
            let thread = scope.spawn(|| {
                seccompiler::apply_filter(&program(Role::Runner).unwrap()).unwrap();
                act()
            });
            thread.join().unwrap()
        })
    }

    fn refused<T>(result: io::Result<T>) -> bool {
        result.err().and_then(|error| error.raw_os_error()) == Some(libc::EPERM)
    }

    #[test]
    fn a_locked_thread_gets_no_executable_memory() {
        let (mapped, gained, writable) = under_the_runner_filter(|| {
            (
                native::try_map_executable(),
                native::try_gain_execute(),
                native::try_map_writable(4096),
            )
        });
        assert!(refused(mapped));
        assert!(refused(gained));
        assert!(writable.is_ok(), "plain memory is still to be had");
    }

    #[test]
    fn a_locked_thread_opens_nothing_starts_nothing_and_connects_to_nothing() {
        let (file, process, socket, memory, thread) = under_the_runner_filter(|| {
            (
                std::fs::File::open("/dev/null"),
                std::process::Command::new("/bin/true").spawn(),
                std::net::UdpSocket::bind("127.0.0.1:0"),
                rustix::fs::memfd_create("x", rustix::fs::MemfdFlags::CLOEXEC),
                std::thread::Builder::new().spawn(|| ()).map(|_| ()),
            )
        });
        assert!(refused(file));
        assert!(process.is_err());
        assert!(refused(socket));
        assert_eq!(memory.err(), Some(rustix::io::Errno::PERM));
        assert!(refused(thread));
    }

    /// Each of these gives another answer than EPERM where no filter stands.
    fn answers(calls: &[i64]) -> Vec<(i64, bool)> {
        let nothing = [u64::MAX, 0, 0];
        let each = calls.iter();
        each.map(|call| (*call, refused(native::try_call(*call, nothing))))
            .collect()
    }

    #[test]
    fn a_locked_thread_changes_no_file() {
        let calls = [
            libc::SYS_truncate,
            libc::SYS_rename,
            libc::SYS_renameat,
            libc::SYS_link,
            libc::SYS_linkat,
            libc::SYS_symlink,
            libc::SYS_symlinkat,
            libc::SYS_rmdir,
            libc::SYS_chmod,
            libc::SYS_fchmodat,
            libc::SYS_chown,
            libc::SYS_lchown,
            libc::SYS_fchownat,
            libc::SYS_mknod,
            libc::SYS_mknodat,
            libc::SYS_setxattr,
            libc::SYS_lsetxattr,
            libc::SYS_utime,
            libc::SYS_utimes,
            libc::SYS_utimensat,
        ];
        assert!(answers(&calls).iter().all(|(_, refused)| !refused));
        for (call, refused) in under_the_runner_filter(|| answers(&calls)) {
            assert!(refused, "call {call}");
        }
    }

    #[test]
    fn a_locked_thread_shares_no_memory_messages_or_semaphores() {
        let calls = [
            libc::SYS_shmat,
            libc::SYS_shmget,
            libc::SYS_msgrcv,
            libc::SYS_msgsnd,
            libc::SYS_semget,
            libc::SYS_semop,
            libc::SYS_mq_open,
            libc::SYS_mq_unlink,
        ];
        for (call, refused) in under_the_runner_filter(|| answers(&calls)) {
            assert!(refused, "call {call}");
        }
    }

    #[test]
    fn a_locked_thread_reaches_itself_and_no_other_process() {
        let own = u64::from(std::process::id());
        let parent = u64::from(std::os::unix::process::parent_id());
        assert!(native::try_call(libc::SYS_tgkill, [parent, parent, 0]).is_ok());
        let (raised, sent, queued, limits, of_others) = under_the_runner_filter(move || {
            let this = rustix::thread::gettid().as_raw_nonzero().get();
            (
                native::try_call(libc::SYS_tgkill, [own, u64::from(this.cast_unsigned()), 0]),
                native::try_call(libc::SYS_tgkill, [parent, parent, 0]),
                native::try_call(libc::SYS_rt_sigqueueinfo, [own, 0, 0]),
                native::try_call(libc::SYS_prlimit64, [0; 3]),
                native::try_call(libc::SYS_prlimit64, [own, 0, 0]),
            )
        });
        assert!(raised.is_ok());
        assert!(refused(sent));
        assert!(refused(queued));
        assert!(limits.is_ok());
        assert!(refused(of_others));
    }

    #[test]
    fn the_chief_keeps_threads_and_memory_files_but_starts_and_connects_nothing() {
        let (thread, memory, socket, mapped) = std::thread::scope(|scope| {
            let thread = scope.spawn(|| {
                seccompiler::apply_filter(&program(Role::Chief).unwrap()).unwrap();
                (
                    std::thread::Builder::new().spawn(|| ()).map(|_| ()),
                    rustix::fs::memfd_create("x", rustix::fs::MemfdFlags::CLOEXEC).map(|_| ()),
                    std::net::UdpSocket::bind("127.0.0.1:0"),
                    native::try_map_executable(),
                )
            });
            thread.join().unwrap()
        });
        assert!(thread.is_ok());
        assert!(memory.is_ok());
        assert!(refused(socket));
        assert!(refused(mapped));
    }
}
