//! What the images ask a device. Every value comes from where the compiler cannot look, and every answer goes there.

use core::hint::black_box;

use keyholder::blob::{Keys, PublicKey};
use keyholder::code::{Code, CodeKey, Passcode};
use keyholder::contact::UserNumber;
use keyholder::engineer::{Capabilities, EngineerId, SiteId};
use keyholder::firmware::{ImageDigest, Model, Version};
use keyholder::place::{AreaList, Areas, Place};
use keyholder::store::Layout;
use keyholder::time::{Instant, Time};
use keyholder::{Act, ActRequest, Action, Decision, EngineerRequest, OpenClose, SessionRequest, Update, UpdateRequest, Who};

/// The device's number.
pub const SITE: SiteId = SiteId(4711);
/// Whom it believes.
pub const KEYS: Keys = Keys::only(PublicKey([1; 32]));
/// Under which it knows codes.
pub const CODE_KEY: CodeKey = CodeKey::new([7; 32]);
/// How its flash is divided.
pub const LAYOUT: Layout = Layout { slot: 32 * 1024, journal: 20 * 1024 };

/// A number from a register.
#[inline(never)]
pub fn number() -> u32 {
    // SAFETY: reading there changes nothing.
    unsafe { (0x4000_3000 as *const u32).read_volatile() }
}

/// Bytes from that register.
pub fn bytes<const N: usize>() -> [u8; N] {
    core::array::from_fn(|_| number() as u8)
}

/// A time.
#[inline(never)]
pub fn time() -> Time {
    if number() & 1 == 0 { Time::Unknown } else { Time::Known(Instant(i64::from(number()))) }
}

/// A place.
pub fn place() -> Place {
    Place::new(number() as u8, Areas(number())).unwrap_or(PLACE)
}

const PLACE: Place = match Place::new(1, Areas(1)) {
    Some(place) => place,
    None => loop {},
};

/// A request to open or close.
pub fn open_close(who: Who<'_>) -> OpenClose<'_> {
    OpenClose {
        who,
        action: if number() & 1 == 0 { Action::Open } else { Action::Close },
        place: place(),
        remote: number() & 1 == 0,
        armed_by: UserNumber(number() as u16),
        in_alarm: number() & 1 == 0,
    }
}

/// What an engineer wants to do.
pub fn engineer() -> EngineerRequest {
    let capabilities = Capabilities::from_bits_truncate(number() as u16);
    EngineerRequest { engineer: EngineerId(number()), site: SiteId(number()), capabilities }
}

/// A session.
pub fn session() -> SessionRequest {
    SessionRequest { engineer: EngineerId(number()), site: SiteId(number()) }
}

/// What an engineer wants to install.
pub fn update() -> UpdateRequest {
    let version = || Version([number() as u16; 4]);
    let update = Update { model: Model(bytes()), version: version(), installed: version(), image: ImageDigest(bytes()) };
    UpdateRequest { engineer: EngineerId(number()), site: SiteId(number()), update }
}

/// A code.
pub fn code() -> Code {
    Code::typed(&bytes::<6>())
}

/// A passcode.
pub fn passcode() -> Passcode {
    Passcode::told(&bytes::<12>())
}

/// What a user does.
pub fn act(who: Who<'_>) -> ActRequest<'_> {
    let (user, engineer) = (UserNumber(number() as u16), EngineerId(number()));
    let areas = AreaList([Areas(number()); 8]);
    let act = match number() {
        0 => Act::Test { areas, minutes: number() as u16 },
        1 => Act::ExtendClosing { place: place(), minutes: number() as u16 },
        2 => Act::OpenWindow { place: place(), minutes: number() as u16 },
        3 => Act::Suspend(user),
        4 => Act::Restrict,
        5 => Act::Lift,
        6 => Act::Revoke(keyholder::engineer::GrantId(number())),
        7 => Act::CancelAlarm,
        _ => Act::Grant { engineer, answers_request: number() & 1 == 0 },
    };
    ActRequest { who, act, remote: number() & 1 == 0 }
}

/// A blob: 16 KiB behind the exchange's beginning.
pub fn blob() -> &'static [u8] {
    // SAFETY: memory that nobody writes to; in an image that is only weighed it need not be there.
    unsafe { core::slice::from_raw_parts(black_box(0x2100_0000 as *const u8), number() as usize & 0x3fff) }
}

/// Where answers go.
#[inline(never)]
pub fn answer(decision: &Decision) {
    #[cfg(feature = "everything")]
    defmt::info!("{}", decision);
    black_box(decision);
}

/// Asks a panel or receiver, alone or in its flash, about what is named: `users`, `engineers`, `codes` and so on.
#[macro_export]
macro_rules! ask {
    ($device:ident, users) => {{
        let request = $crate::ask::open_close(keyholder::Who::User(keyholder::contact::UserNumber($crate::ask::number() as u16)));
        $crate::ask::answer(&$device.open_close(&request, $crate::ask::time()));
    }};
    ($device:ident, engineers) => {{
        $crate::ask::answer(&$device.engineer(&$crate::ask::engineer(), $crate::ask::time()));
        $crate::ask::answer(&$device.update(&$crate::ask::update(), $crate::ask::time()));
    }};
    ($device:ident, codes) => {{
        let (code, passcode) = ($crate::ask::code(), $crate::ask::passcode());
        let user = keyholder::contact::UserNumber($crate::ask::number() as u16);
        let who = match $crate::ask::number() {
            0 => keyholder::Who::User(user),
            1 => keyholder::Who::Code(&code),
            2 => keyholder::Who::Passcode(&passcode),
            3 => keyholder::Who::UserAndCode(user, &code),
            _ => keyholder::Who::UserAndPasscode(user, &passcode),
        };
        $crate::ask::answer(&$device.open_close(&$crate::ask::open_close(who), $crate::ask::time()));
        $crate::ask::answer(&$device.act(&$crate::ask::act(who), $crate::ask::time()));
    }};
    ($device:ident, acts) => {{
        let who = keyholder::Who::User(keyholder::contact::UserNumber($crate::ask::number() as u16));
        $crate::ask::answer(&$device.act(&$crate::ask::act(who), $crate::ask::time()));
    }};
    ($device:ident, sessions) => {{
        $crate::ask::answer(&$device.begin_session(&$crate::ask::session(), $crate::ask::time()));
        $crate::ask::answer(&$device.end_session(&$crate::ask::session(), $crate::ask::time()));
    }};
    ($device:ident, panel_deadlines) => {{
        let armed = keyholder::place::AreaList([keyholder::place::Areas($crate::ask::number()); 8]);
        core::hint::black_box($device.supervise(&armed, $crate::ask::time()));
    }};
    ($device:ident, deadlines) => {{
        core::hint::black_box($device.supervise($crate::ask::time()));
    }};
    ($device:ident, install) => {{
        core::hint::black_box(&$device.install($crate::ask::blob(), $crate::ask::time()));
    }};
    ($device:ident, pieces) => {{
        if let Ok(head) = $crate::ask::blob().try_into() {
            let begun = $device.begin_install(head, $crate::ask::time());
            core::hint::black_box(&begun);
        }
        let appended = $device.append($crate::ask::blob());
        let finished = $device.finish_install($crate::ask::time());
        let acknowledgement = $device.acknowledge($crate::ask::blob(), &finished);
        #[cfg(feature = "everything")]
        match finished {
            Ok(installed) => defmt::info!("{}: {}", installed, acknowledgement),
            Err(refusal) => defmt::warn!("{}", refusal),
        }
        let mut report = [0; keyholder::sync::REPORT_BYTES];
        core::hint::black_box((&appended, &acknowledgement, $device.report(&[], $crate::ask::time(), &mut report)));
    }};
}

/// An image that asks a device about everything that is named, for ever. The device is as it is before its policy comes. One that is asked for neither codes
/// nor blobs has no use for keys, and is not set up.
#[macro_export]
macro_rules! image {
    ($device:ty, [$($set_up:tt)?], $($what:ident),*) => {
        static mut DEVICE: $device = <$device>::blank();

        #[unsafe(no_mangle)]
        extern "C" fn main() -> ! {
            // SAFETY: nothing else uses it, and this is called once.
            let device = core::hint::black_box(unsafe { &mut *(&raw mut DEVICE) });
            $(device.set_up $set_up;)?
            loop {
                core::hint::black_box(&mut *device);
                $($crate::ask!(device, $what);)*
            }
        }
    };
}

/// An image that asks a device in its flash. It is started where it stays: returned by value, its size would be needed in stack as well.
#[macro_export]
macro_rules! stored_image {
    ($device:ty, $set_up:tt, $($what:ident),*) => {
        // SAFETY: the flash is made once.
        static mut DEVICE: keyholder::store::Stored<$device, $crate::flash::Flash> =
            keyholder::store::Stored::at_rest(<$device>::blank(), unsafe { $crate::flash::Flash::new() });

        #[unsafe(no_mangle)]
        extern "C" fn main() -> ! {
            // SAFETY: nothing else uses it, and this is called once.
            let device = core::hint::black_box(unsafe { &mut *(&raw mut DEVICE) });
            device.set_up $set_up;
            if let Err(error) = device.start($crate::ask::LAYOUT) {
                core::hint::black_box(&error);
                #[cfg(feature = "everything")]
                defmt::error!("{}", error);
            }
            loop {
                core::hint::black_box(&mut *device);
                $($crate::ask!(device, $what);)*
            }
        }
    };
}
