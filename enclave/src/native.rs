//! The only file with `unsafe`: loading authenticated native code and the few calls no safe wrapper has.
//!
//! Each block says why it is sound. Nothing here decides anything; the callers do.
#![allow(unsafe_code)]

use std::{
    io,
    os::{
        fd::{AsRawFd, FromRawFd, OwnedFd},
        unix::process::CommandExt,
    },
    process::Command,
    ptr,
};

use wasmtime::{Config, Engine, component::Component};

use crate::blob::AuthenticImage;

/// The descriptor by which a role reaches whoever started it.
const ROLE_SOCKET: i32 = 3;

/// Loads native code; the only call site of its kind.
pub fn load(engine: &Engine, image: &AuthenticImage) -> wasmtime::Result<Component> {
    // SAFETY: an `AuthenticImage` exists only for bytes in a sealed memfd whose SHA-256 equals the
    // digest that the keeper took from the compiler process; those bytes came out of
    // `Engine::precompile_component`. An owned compiler may still choose them, so the process that
    // calls this is already confined and holds nothing but prompts.
    unsafe { Component::deserialize(engine, image.bytes()) }
}

/// Turns on one code generation flag of the target.
pub fn enable_cpu_flag(config: &mut Config, flag: &str) {
    // SAFETY: the flags are a fixed list of x86-64 features; an image is only run on a processor
    // that has them, since loading compares them with the host and fails otherwise.
    unsafe { config.cranelift_flag_enable(flag) };
}

/// The socket that the starter left at descriptor 3; call once, at the start of a role.
pub fn take_role_socket() -> io::Result<OwnedFd> {
    // SAFETY: fcntl on an arbitrary number has no memory effects; it fails when nothing is open.
    if unsafe { libc::fcntl(ROLE_SOCKET, libc::F_SETFD, libc::FD_CLOEXEC) } < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the descriptor is open (checked above), was put there by the starter for this purpose,
    // and no other part of this process has taken it: roles call this first and once.
    Ok(unsafe { OwnedFd::from_raw_fd(ROLE_SOCKET) })
}

/// Makes the child keep `socket` as descriptor 3 and nothing above it, and die with its parent.
pub fn prepare_child(command: &mut Command, socket: &OwnedFd) {
    let socket = socket.as_raw_fd();
    let parent = std::process::id();
    let prepare = move || {
        // SAFETY: all calls are async-signal-safe system calls on integers, as the time between fork
        // and exec requires; none touches memory of this process.
        unsafe {
            if libc::dup2(socket, ROLE_SOCKET) < 0 || libc::fcntl(ROLE_SOCKET, libc::F_SETFD, 0) < 0
            {
                return Err(io::Error::last_os_error());
            }
            // Marked, not closed: the standard library reports a failed exec through one of them.
            let above = ROLE_SOCKET as u32 + 1;
            if libc::syscall(
                libc::SYS_close_range,
                above,
                u32::MAX,
                libc::CLOSE_RANGE_CLOEXEC,
            ) != 0
            {
                return Err(io::Error::last_os_error());
            }
            libc::umask(0o077);
            if libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL, 0, 0, 0) != 0 {
                return Err(io::Error::last_os_error());
            }
            if libc::getppid().cast_unsigned() != parent {
                libc::_exit(1);
            }
        }
        Ok(())
    };
    // SAFETY: the closure allocates nothing and takes no lock; see inside.
    unsafe { command.pre_exec(prepare) };
}

/// Puts another file in the place of stdin and stdout.
pub fn replace_standard_streams(with: &OwnedFd) -> io::Result<()> {
    for stream in [libc::STDIN_FILENO, libc::STDOUT_FILENO] {
        // SAFETY: dup2 on integers; nothing in this process relies on what these two were before.
        checked(i64::from(unsafe { libc::dup2(with.as_raw_fd(), stream) }))?;
    }
    Ok(())
}

/// Refuses, from now on, memory that is or becomes executable after being writable.
pub fn set_write_execute_refused() -> io::Result<()> {
    const PR_SET_MDWE: libc::c_int = 65;
    const PR_MDWE_REFUSE_EXEC_GAIN: libc::c_ulong = 1;
    // SAFETY: prctl with integers only.
    checked(i64::from(unsafe {
        libc::prctl(
            PR_SET_MDWE,
            PR_MDWE_REFUSE_EXEC_GAIN,
            0 as libc::c_ulong,
            0 as libc::c_ulong,
            0 as libc::c_ulong,
        )
    }))
}

/// CPU time of this process so far, in milliseconds.
pub fn cpu_ms() -> u64 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `time` is a valid timespec for the call to fill.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &raw mut time) };
    time.tv_sec.cast_unsigned() * 1_000 + time.tv_nsec.cast_unsigned() / 1_000_000
}

/// Tries to map a new page that is writable and executable.
pub fn try_map_executable() -> io::Result<()> {
    map(PAGE, libc::PROT_READ | libc::PROT_WRITE | libc::PROT_EXEC).map(|page| unmap(page, PAGE))
}

/// Tries to make a page executable that was mapped writable.
pub fn try_gain_execute() -> io::Result<()> {
    let page = map(PAGE, libc::PROT_READ | libc::PROT_WRITE)?;
    // SAFETY: the page was mapped above and is unmapped below; nothing else refers to it.
    let gained = checked(i64::from(unsafe {
        libc::mprotect(page, PAGE, libc::PROT_READ | libc::PROT_EXEC)
    }));
    unmap(page, PAGE);
    gained
}

/// Tries to map that much writable memory, without touching it.
pub fn try_map_writable(bytes: usize) -> io::Result<()> {
    map(bytes, libc::PROT_READ | libc::PROT_WRITE).map(|start| unmap(start, bytes))
}

/// Makes a call of that number, to see what a filter says to it.
#[cfg(test)]
pub fn try_call(number: i64, arguments: [u64; 3]) -> io::Result<()> {
    let [first, second, third] = arguments;
    // SAFETY: the tests give process ids, signal 0, and pointers that are null or outside of what a
    // process has. The kernel reads and writes nothing through those, and never delivers signal 0.
    checked(unsafe { libc::syscall(number, first, second, third, 0_u64, 0_u64, 0_u64) })
}

const PAGE: usize = 4096;

fn map(bytes: usize, protection: libc::c_int) -> io::Result<*mut libc::c_void> {
    // SAFETY: a new private anonymous mapping at an address of the kernel's choice overlaps nothing.
    let start = unsafe {
        libc::mmap(
            ptr::null_mut(),
            bytes,
            protection,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
            -1,
            0,
        )
    };
    if start == libc::MAP_FAILED {
        Err(io::Error::last_os_error())
    } else {
        Ok(start)
    }
}

fn unmap(start: *mut libc::c_void, bytes: usize) {
    // SAFETY: `start` and `bytes` are those of a mapping made by `map` that nothing refers to.
    unsafe { libc::munmap(start, bytes) };
}

fn checked(result: i64) -> io::Result<()> {
    if result < 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(())
    }
}
