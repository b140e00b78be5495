//! A receiver: what its firmware calls.

use crate::answer::{kh_decision, kh_due, kh_installation, kh_provenance};
use crate::boundary::{Output, answer, answer_in_detail, read, read_bytes};
use crate::request::{kh_engineer_request, kh_identity, kh_receiver_config, kh_session_request, kh_update_request, time};
use crate::storage::{ReceiverDevice, device, init, kh_receiver, wipe};
use crate::value::{KH_LONGEST_BLOB, KH_NOT_FOUND, KH_OK, kh_instant, kh_status};
use keyholder::blob::{Keys, PublicKey};

use keyholder::engineer::{Identity, SiteId};

/// Makes a receiver without a policy in `receiver`: it denies everything until one is installed. Whatever the memory held before is gone.
///
/// * KH_BAD_VALUE: `config` has the id 0, or a key that is all 0x00 or all 0xFF.
///
/// A program whose header was compiled for other capacities than the library does not link: this name then has others behind it.
#[unsafe(export_name = env!("KEYHOLDER_RECEIVER_INIT"))]
pub unsafe extern "C" fn kh_receiver_init(receiver: *mut kh_receiver, config: *const kh_receiver_config) -> kh_status {
    // SAFETY: the caller keeps the conventions at the top of the header.
    unsafe {
        let done = || {
            crate::boundary::check(receiver)?;
            let config = read(config)?;
            config.check()?;
            init::<ReceiverDevice>(receiver, || keyholder::Receiver::new(SiteId(config.receiver), Keys::only(PublicKey(config.cloud_key))))
        };
        done().err().unwrap_or(KH_OK)
    }
}

/// Overwrites `receiver` with zeros, keys and all, initialised or not. Every call then answers KH_NOT_INITIALISED until the next
/// kh_receiver_init().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kh_receiver_wipe(receiver: *mut kh_receiver) -> kh_status {
    // SAFETY: the caller keeps the conventions at the top of the header.
    unsafe { wipe(receiver).err().unwrap_or(KH_OK) }
}

/// Checks the `length` bytes of a blob and, if nothing is wrong with them, lets its policy decide from now on. What the device remembers stays,
/// but for what belonged to engineers and grants that are no longer there.
///
/// * KH_OK: installed now, or already: see `outcome`.
/// * KH_NOT_A_BLOB to KH_REFUSED: the first thing that is wrong with the blob. Nothing has changed; the old policy goes on deciding.
/// * KH_BAD_LENGTH: longer than KH_LONGEST_BLOB.
///
/// By far the longest call, and the one that takes most of the stack: it verifies an Ed25519 signature.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kh_receiver_install(
    receiver: *mut kh_receiver,
    blob: *const u8,
    length: usize,
    now: kh_instant,
    installation: *mut kh_installation,
) -> kh_status {
    // SAFETY: the caller keeps the conventions at the top of the header.
    unsafe {
        answer_in_detail(installation, || {
            let checked =
                device::<ReceiverDevice>(receiver).and_then(|receiver| Ok((receiver, read_bytes(blob, length, KH_LONGEST_BLOB as usize)?)));
            match checked {
                Ok((receiver, blob)) => {
                    let result = receiver.install(blob, time(now));
                    kh_installation::of(result, receiver.provenance())
                }
                Err(status) => (status, kh_installation::REFUSING),
            }
        })
    }
}

/// May the engineer do this?
///
/// * KH_BAD_VALUE: a field of `request` is not one of the numbers listed for it, or out of its range. Nothing was asked, counted or changed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kh_receiver_engineer(
    receiver: *mut kh_receiver,
    request: *const kh_engineer_request,
    now: kh_instant,
    decision: *mut kh_decision,
) -> kh_status {
    // SAFETY: the caller keeps the conventions at the top of the header.
    unsafe {
        answer(decision, || {
            let (receiver, request) = (device::<ReceiverDevice>(receiver)?, read(request)?);
            Ok(receiver.engineer(&request.request()?, time(now)).into())
        })
    }
}

/// May the engineer begin a session? If so, it is begun.
///
/// * KH_BAD_VALUE: a field of `request` is not one of the numbers listed for it, or out of its range. Nothing was asked, counted or changed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kh_receiver_begin_session(
    receiver: *mut kh_receiver,
    request: *const kh_session_request,
    now: kh_instant,
    decision: *mut kh_decision,
) -> kh_status {
    // SAFETY: the caller keeps the conventions at the top of the header.
    unsafe {
        answer(decision, || {
            let (receiver, request) = (device::<ReceiverDevice>(receiver)?, read(request)?);
            Ok(receiver.begin_session(&request.request()?, time(now)).into())
        })
    }
}

/// Ends the engineer's session.
///
/// * KH_BAD_VALUE: a field of `request` is not one of the numbers listed for it, or out of its range. Nothing was asked, counted or changed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kh_receiver_end_session(
    receiver: *mut kh_receiver,
    request: *const kh_session_request,
    now: kh_instant,
    decision: *mut kh_decision,
) -> kh_status {
    // SAFETY: the caller keeps the conventions at the top of the header.
    unsafe {
        answer(decision, || {
            let (receiver, request) = (device::<ReceiverDevice>(receiver)?, read(request)?);
            Ok(receiver.end_session(&request.request()?, time(now)).into())
        })
    }
}

/// May the engineer install this firmware?
///
/// * KH_BAD_VALUE: a field of `request` is not one of the numbers listed for it, or out of its range. Nothing was asked, counted or changed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kh_receiver_update(
    receiver: *mut kh_receiver,
    request: *const kh_update_request,
    now: kh_instant,
    decision: *mut kh_decision,
) -> kh_status {
    // SAFETY: the caller keeps the conventions at the top of the header.
    unsafe {
        answer(decision, || {
            let (receiver, request) = (device::<ReceiverDevice>(receiver)?, read(request)?);
            Ok(receiver.update(&request.request()?, time(now)).into())
        })
    }
}

/// What has fallen due, one deadline a call, earliest first.
/// Call it at least every minute, and again until it answers KH_DUE_NOTHING. Each deadline is reported exactly once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kh_receiver_supervise(receiver: *mut kh_receiver, now: kh_instant, due: *mut kh_due) -> kh_status {
    // SAFETY: the caller keeps the conventions at the top of the header.
    unsafe {
        answer(due, || {
            let receiver = device::<ReceiverDevice>(receiver)?;
            Ok(receiver.supervise(time(now)).into())
        })
    }
}

/// The id of the engineer with this identity.
///
/// * KH_NOT_FOUND: the policy has none; `engineer` is 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kh_receiver_engineer_id(
    receiver: *const kh_receiver,
    identity: *const kh_identity,
    engineer: *mut u32,
) -> kh_status {
    // SAFETY: the caller keeps the conventions at the top of the header.
    unsafe {
        answer(engineer, || {
            let (receiver, identity) = (device::<ReceiverDevice>(receiver.cast_mut())?, read(identity)?);
            receiver.engineer_id(Identity(identity.bytes)).map(|id| id.0).ok_or(KH_NOT_FOUND)
        })
    }
}

/// The policy that decides.
///
/// * KH_NOT_FOUND: none was ever installed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kh_receiver_provenance(receiver: *const kh_receiver, provenance: *mut kh_provenance) -> kh_status {
    // SAFETY: the caller keeps the conventions at the top of the header.
    unsafe {
        answer(provenance, || {
            let receiver = device::<ReceiverDevice>(receiver.cast_mut())?;
            receiver.provenance().copied().map(Into::into).ok_or(KH_NOT_FOUND)
        })
    }
}
