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
const REFUSED: [i64; 55] = [
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
    libc::SYS_shmget,
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
    libc::SYS_name_to_handle_at,
];

/// Refused to those who run or compile foreign code: files, threads, new memory files.
const REFUSED_TO_HELPERS: [i64; 17] = [
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
    libc::SYS_renameat2,
    libc::SYS_mkdir,
    libc::SYS_mkdirat,
    libc::SYS_link,
    libc::SYS_symlink,
    libc::SYS_open_by_handle_at,
];

/// Refused when they ask for execute permission; the argument that asks is the third.
const REFUSED_WITH_EXECUTE: [i64; 3] =
    [libc::SYS_mmap, libc::SYS_mprotect, libc::SYS_pkey_mprotect];
const PROTECTION_ARGUMENT: u8 = 2;

/// Puts all threads of this process under the filter of its role.
pub fn install(role: Role) -> Result<(), LockError> {
    Ok(seccompiler::apply_filter_all_threads(&program(role)?)?)
}

/// The filter of a role.
pub fn program(role: Role) -> Result<BpfProgram, LockError> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = BTreeMap::new();
    let helpers: &[i64] = match role {
        Role::Chief => &[],
        Role::Compiler | Role::Runner => &REFUSED_TO_HELPERS,
    };
    for call in REFUSED.iter().chain(helpers) {
        rules.insert(*call, Vec::new());
        rules.insert(*call | X32_BIT, Vec::new());
    }
    for call in REFUSED_WITH_EXECUTE {
        rules.insert(call, vec![asks_for_execute()?]);
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
