//! A receiver: what its firmware calls.

use crate::answer::{kh_decision, kh_due, kh_installation, kh_provenance, read_dues};
use crate::boundary::{answer, answer_in_detail, blank, read, read_bytes};
use crate::flash::{kh_flash, kh_layout};
use crate::request::{instant, kh_engineer_request, kh_identity, kh_receiver_config, kh_session_request, kh_update_request, time};
use crate::storage::{ReceiverDevice, boot, device, init, kh_receiver, wipe};
use crate::value::{KH_BAD_LENGTH, KH_HEAD_BYTES, KH_LONGEST_BLOB, KH_NOT_FOUND, KH_OK, KH_REPORT_BYTES, kh_damage, kh_instant, kh_status};
use keyholder::engineer::Identity;

/// Makes a receiver without a policy in `receiver`: it denies everything until one is installed. Whatever the memory held before is gone.
///
/// It lives in memory alone: without power, policy and ledger are gone. See kh_receiver_boot().
///
/// * KH_BAD_VALUE: `config` has the id 0, or a key that is all 0x00 or all 0xFF (a recovery key may be all 0x00), or the same public key twice.
///
/// A program whose header was compiled for other capacities than the library does not link: this name then has others behind it.
#[unsafe(export_name = env!("KEYHOLDER_RECEIVER_INIT"))]
pub unsafe extern "C" fn kh_receiver_init(receiver: *mut kh_receiver, config: *const kh_receiver_config) -> kh_status {
    // SAFETY: the caller keeps the conventions at the top of the header.
    unsafe {
        let done = || {
            crate::boundary::check(receiver)?;
            let config = read(config)?;
            let (id, keys) = config.check()?;
            init::<ReceiverDevice>(receiver, |receiver| receiver.set_up(id, keys))
        };
        done().err().unwrap_or(KH_OK)
    }
}

/// Makes a receiver in `receiver` that keeps policy and ledger in `flash`, and starts it with what it finds there: after a loss of power it is what it was. A flash
/// that has been erased makes a receiver that denies everything. `flash` and `layout` are copied; what flash->context points to has to stay.
///
/// From then on it is asked like any other. What an answer changes in the ledger is in the flash before the call returns; if it cannot be written there, the
/// answer is a refusal with KH_REASON_NOT_KEPT and has permitted nothing. The id is that of `config` each time; its public keys count
/// for a flash that has been erased, and later ones come by key changes.
///
/// * KH_NULL: a pointer or one of the functions of `flash` is NULL.
/// * KH_BAD_VALUE: as for kh_receiver_init(), or `flash` has a unit or a block that the library was not built for.
/// * KH_FLASH_TOO_SMALL, KH_NOT_WHOLE_BLOCKS, KH_JOURNAL_TOO_SMALL, KH_FLASH_FAILED, KH_FLASH_FOREIGN: it cannot be booted so, and `receiver` is wiped.
///
/// A program whose header was compiled for other capacities than the library does not link: this name then has others behind it.
#[unsafe(export_name = env!("KEYHOLDER_RECEIVER_BOOT"))]
pub unsafe extern "C" fn kh_receiver_boot(
    receiver: *mut kh_receiver,
    config: *const kh_receiver_config,
    flash: *const kh_flash,
    layout: *const kh_layout,
) -> kh_status {
    // SAFETY: the caller keeps the conventions at the top of the header.
    unsafe {
        let done = || {
            crate::boundary::check(receiver)?;
            let config = read(config)?;
            let (flash, layout) = (read(flash)?, read(layout)?);
            let (id, keys) = config.check()?;
            let flash = flash.flash()?;
            boot::<ReceiverDevice>(receiver, |receiver| receiver.stored.set_up(id, keys), flash, layout)
        };
        done().err().unwrap_or(KH_OK)
    }
}

/// Overwrites `receiver` with zeros, keys and all, initialised or not. Every call then answers KH_NOT_INITIALISED until the next
/// kh_receiver_init() or kh_receiver_boot(). Its flash stays as it is: erase that yourself.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kh_receiver_wipe(receiver: *mut kh_receiver) -> kh_status {
    // SAFETY: the caller keeps the conventions at the top of the header.
    unsafe { wipe(receiver).err().unwrap_or(KH_OK) }
}

/// Checks the `length` bytes of a blob and, if nothing is wrong with them, does what it says: a snapshot or a patch decides from now on. What the device
/// remembers stays, but for what belonged to engineers and grants that are no longer there.
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
            let receiver = device::<ReceiverDevice>(receiver)?;
            let blob = read_bytes(blob, length, KH_LONGEST_BLOB as usize)?;
            Ok(receiver.install(blob, time(now)))
        })
    }
}

/// Begins to install a blob that comes in pieces, with its head: its first KH_HEAD_BYTES bytes, which is what `length` has to be. They are judged at once, so
/// that nothing is fetched that is not for this device, too old or too long. The rest goes to kh_receiver_append(), and then comes kh_receiver_finish().
/// Once the head is found right, what has come of another blob is forgotten.
///
/// * KH_OK with KH_POLICY_AWAITED: fetch the rest. With KH_POLICY_ALREADY_INSTALLED: there is no need to.
/// * KH_NOT_A_BLOB to KH_REFUSED: the first thing that is wrong with the head. Nothing has changed.
/// * KH_BAD_LENGTH: these are not KH_HEAD_BYTES.
/// * KH_NO_FLASH: the device was made by kh_receiver_init().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kh_receiver_begin(
    receiver: *mut kh_receiver,
    head: *const u8,
    length: usize,
    now: kh_instant,
    installation: *mut kh_installation,
) -> kh_status {
    // SAFETY: the caller keeps the conventions at the top of the header.
    unsafe {
        answer_in_detail(installation, || {
            let receiver = device::<ReceiverDevice>(receiver)?;
            let head = read_bytes(head, length, KH_HEAD_BYTES)?;
            receiver.begin(head.first_chunk().ok_or(KH_BAD_LENGTH)?, time(now))
        })
    }
}

/// Takes the next `length` bytes of the blob that has been begun, however many they are. The policy is as it was.
///
/// * KH_OK: `remaining` says how many are still to come.
/// * KH_NOT_A_BLOB: none has been begun, or it is longer than it says. Begin again.
/// * KH_NOT_KEPT: the flash did not keep it. Begin again.
/// * KH_NO_FLASH: the device was made by kh_receiver_init().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kh_receiver_append(
    receiver: *mut kh_receiver,
    bytes: *const u8,
    length: usize,
    installation: *mut kh_installation,
) -> kh_status {
    // SAFETY: the caller keeps the conventions at the top of the header.
    unsafe {
        answer_in_detail(installation, || {
            let receiver = device::<ReceiverDevice>(receiver)?;
            let bytes = read_bytes(bytes, length, KH_LONGEST_BLOB as usize)?;
            receiver.append(bytes)
        })
    }
}

/// Checks the blob that has come and, if nothing is wrong with it, does what it says, as kh_receiver_install().
///
/// * KH_NOT_A_BLOB: none has been begun, or not all of it has come. Begin again.
/// * KH_NO_FLASH: the device was made by kh_receiver_init().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kh_receiver_finish(receiver: *mut kh_receiver, now: kh_instant, installation: *mut kh_installation) -> kh_status {
    // SAFETY: the caller keeps the conventions at the top of the header.
    unsafe {
        answer_in_detail(installation, || {
            let receiver = device::<ReceiverDevice>(receiver)?;
            receiver.finish(time(now))
        })
    }
}

/// Writes a report to the cloud into `bytes`, in postcard: what the device holds and what only it knows, and up to KH_REPORT_DUES of the deadlines that
/// kh_receiver_supervise() has answered. `dues` may be NULL if `count` is 0; a `capacity` of KH_REPORT_BYTES is always enough. `length` bytes are the report,
/// and nothing else is.
///
/// * KH_BAD_LENGTH: `capacity` is too small for this report, or `count` is above KH_REPORT_DUES.
/// * KH_BAD_VALUE: one of `dues` is none that was answered.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kh_receiver_report(
    receiver: *const kh_receiver,
    dues: *const kh_due,
    count: usize,
    now: kh_instant,
    bytes: *mut u8,
    capacity: usize,
    length: *mut usize,
) -> kh_status {
    // SAFETY: the caller keeps the conventions at the top of the header.
    unsafe {
        answer(length, || {
            let buffer = blank(bytes, capacity, KH_REPORT_BYTES)?;
            let receiver = device::<ReceiverDevice>(receiver.cast_mut())?;
            let dues = read_dues(dues, count)?;
            let report = match receiver.stored() {
                Some(stored) => stored.report(dues.list(), time(now), buffer),
                None => receiver.device().report(dues.list(), time(now), buffer),
            };
            report.map(<[u8]>::len).ok_or(KH_BAD_LENGTH)
        })
    }
}

/// The time that the device goes by when its clock reads `now`; KH_TIME_UNKNOWN if it does not believe the clock. It believes none that is below the
/// highest reading it has seen by more than the policy's tolerance: by this a display tells that the clock has to be put right. Nothing is changed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kh_receiver_believed_time(receiver: *const kh_receiver, now: kh_instant, believed: *mut kh_instant) -> kh_status {
    // SAFETY: the caller keeps the conventions at the top of the header.
    unsafe {
        answer(believed, || {
            let receiver = device::<ReceiverDevice>(receiver.cast_mut())?;
            Ok(instant(receiver.device().believed_time(time(now))))
        })
    }
}

/// What the device has found wrong in its flash since it was booted. One without a flash has nothing to find.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kh_receiver_damage(receiver: *const kh_receiver, damage: *mut kh_damage) -> kh_status {
    // SAFETY: the caller keeps the conventions at the top of the header.
    unsafe {
        answer(damage, || {
            let receiver = device::<ReceiverDevice>(receiver.cast_mut())?;
            Ok(receiver.stored().map_or(0, |stored| stored.damage().bits()))
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
            let request = request.request()?;
            Ok(receiver.engineer(&request, time(now)).into())
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
            let request = request.request()?;
            Ok(receiver.begin_session(&request, time(now)).into())
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
            let request = request.request()?;
            Ok(receiver.end_session(&request, time(now)).into())
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
            let request = request.request()?;
            Ok(receiver.update(&request, time(now)).into())
        })
    }
}

/// What has fallen due, one deadline a call, earliest first.
/// Call it at least every minute, and again until it answers KH_DUE_NOTHING. Each deadline is reported exactly once: keep a `due` until it is sent. The first call
/// of a device only begins: what was due before it is not reported.
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
            receiver.device().engineer_id(Identity(identity.bytes)).map(|id| id.0).ok_or(KH_NOT_FOUND)
        })
    }
}

/// The policy that decides.
///
/// * KH_NOT_FOUND: none does.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kh_receiver_provenance(receiver: *const kh_receiver, provenance: *mut kh_provenance) -> kh_status {
    // SAFETY: the caller keeps the conventions at the top of the header.
    unsafe {
        answer(provenance, || {
            let receiver = device::<ReceiverDevice>(receiver.cast_mut())?;
            receiver.device().provenance().copied().map(Into::into).ok_or(KH_NOT_FOUND)
        })
    }
}
