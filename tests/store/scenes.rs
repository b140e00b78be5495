//! What happens to a device in the tests, step by step, and what can be seen of it.

use std::fmt::Write;
use std::ops::Range;

use ed25519_dalek::{Signer, SigningKey};
use keyholder::blob::{ClockCorrection, HEAD_LENGTH, Head, Installed, KeyChange, KeyRole, Keys, Kind, Provenance, Refusal};
use keyholder::code::{Code, Credential};
use keyholder::contact::{Contact, Permissions, UseLimit, UserNumber};
use keyholder::engineer::{Capabilities, EngineerId, GrantId, SiteId};
use keyholder::firmware::{ImageDigest, Model, Version};
use keyholder::place::{AreaList, Areas, Place};
use keyholder::policy::Part;
use keyholder::schedule::Span;
use keyholder::store::{Damage, Layout, Stored};
use keyholder::supervise::Supervision;
use keyholder::sync::{Holding, REPORT_BYTES, Report};
use keyholder::time::{Date, Instant, Time};
use keyholder::{Act, ActRequest, Action, EngineerRequest, OpenClose, SessionRequest, SmallReceiver, Update, UpdateRequest, Who};

use crate::mock::{Mock, Nor};
use crate::sample::{
    CODE_KEY, Envelope, NOON, PanelRows, RECEIVER, ReceiverRows, SITE, SamplePanel, areas, cloud, contact, digest, encode, key_of,
    panel_rows, receiver_rows, sign,
};

pub(crate) fn recovery() -> SigningKey {
    SigningKey::from_bytes(&[2; 32])
}

/// The signing key after a change.
pub(crate) fn next_cloud() -> SigningKey {
    SigningKey::from_bytes(&[3; 32])
}

pub(crate) fn keys() -> Keys {
    Keys::new(key_of(&cloud()), key_of(&recovery()))
}

/// The sample policy with three wrong codes to a lockout, and two contacts that get in once: 4 and 5.
pub(crate) fn rows() -> PanelRows {
    let mut rows = panel_rows();
    rows.site.wrong_code_limit = 3;
    for user in [4, 5] {
        rows.contacts.push(Contact { permissions: Permissions::ANYTIME, limit: UseLimit::Once, ..contact(user) });
        rows.codes.push(Credential { digest: digest(&user.to_string().repeat(4)), user: UserNumber(user) });
    }
    rows.codes.sort_by_key(|credential| credential.digest);
    rows
}

/// The same without contact 5 and without grant 901, and with number 4 given to somebody else.
pub(crate) fn fewer_rows() -> PanelRows {
    let mut rows = rows();
    rows.contacts.retain(|contact| contact.user.0 != 5);
    rows.codes.retain(|credential| credential.user.0 != 5);
    rows.contacts[3].identity = [44; 4];
    rows.access.grants.retain(|grant| grant.id.0 != 901);
    rows
}

/// The same with one contact more, 6, that gets in once.
pub(crate) fn more_rows() -> PanelRows {
    let mut rows = rows();
    rows.contacts.push(sixth());
    rows.codes.push(Credential { digest: digest("6666"), user: UserNumber(6) });
    rows.codes.sort_by_key(|credential| credential.digest);
    rows
}

fn sixth() -> Contact {
    Contact { permissions: Permissions::ANYTIME, limit: UseLimit::Once, ..contact(6) }
}

pub(crate) fn snapshot(sequence: u64, rows: &PanelRows) -> Vec<u8> {
    Envelope { sequence, ..Envelope::PANEL }.seal(&rows.encode())
}

fn receiver_snapshot(sequence: u64, rows: &ReceiverRows) -> Vec<u8> {
    Envelope { sequence, ..Envelope::RECEIVER }.seal(&rows.encode())
}

pub(crate) fn provenance(blob: &[u8]) -> Provenance {
    Head::read(blob).unwrap().provenance()
}

/// A patch with these parts on the policy of `base`.
pub(crate) fn patch(kind: Kind, recipient: SiteId, sequence: u64, base: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let head = Envelope { kind, recipient, sequence, expires_at: Instant::LATEST }.head(&[]);
    let head = head.patching(kind, &provenance(base), &content).unwrap();
    sign(&head.to_signed_bytes(), &content)
}

/// Puts contact 6 there.
pub(crate) fn sixth_added(sequence: u64, base: &[u8]) -> Vec<u8> {
    let code = Credential { digest: digest("6666"), user: UserNumber(6) };
    let parts = [encode(&(Part::Contacts as u8, 1_u8, sixth())), encode(&(Part::Codes as u8, 1_u8, code))];
    patch(Kind::PanelPatch, SITE, sequence, base, &[&parts[0], &parts[1]])
}

/// Puts this contact there.
pub(crate) fn patch_of_contact(sequence: u64, base: &[u8], contact: Contact) -> Vec<u8> {
    patch(Kind::PanelPatch, SITE, sequence, base, &[&encode(&(Part::Contacts as u8, 1_u8, contact))])
}

/// Takes contact 5 and grant 901 away.
pub(crate) fn fifth_removed(sequence: u64, base: &[u8]) -> Vec<u8> {
    let removed = |part: Part| part as u8 | 0x40;
    let grant = (EngineerId(41), SITE, GrantId(901));
    let parts = [
        encode(&(removed(Part::Contacts), 1_u8, UserNumber(5))),
        encode(&(removed(Part::Codes), 1_u8, UserNumber(5))),
        encode(&(removed(Part::Grants), 1_u8, grant)),
    ];
    patch(Kind::PanelPatch, SITE, sequence, base, &[&parts[0], &parts[1], &parts[2]])
}

fn order(kind: Kind, sequence: u64, issued_at: Instant, signer: &SigningKey, content: &[u8]) -> Vec<u8> {
    let head = Head::for_content(kind, SITE, sequence, issued_at, Instant::LATEST, &key_of(signer), content);
    let signed = head.to_signed_bytes();
    [&signed[..], &signer.sign(&signed).to_bytes(), content].concat()
}

pub(crate) fn key_change(sequence: u64) -> Vec<u8> {
    let change = KeyChange { role: KeyRole::Signing, key: key_of(&next_cloud()) };
    order(Kind::KeyChange, sequence, NOON, &recovery(), &encode(&change))
}

pub(crate) fn clock_correction(sequence: u64, floor: Instant, to: Instant) -> Vec<u8> {
    order(Kind::ClockCorrection, sequence, to, &cloud(), &encode(&ClockCorrection { floor }))
}

/// The same blob, signed with the key that comes after a change.
pub(crate) fn resigned(blob: &[u8]) -> Vec<u8> {
    resigned_with(&next_cloud(), blob)
}

fn resigned_with(key: &SigningKey, blob: &[u8]) -> Vec<u8> {
    let head = Head { key: key_of(key).id(), ..Head::read(blob).unwrap() };
    let signed = head.to_signed_bytes();
    [&signed[..], &key.sign(&signed).to_bytes(), &blob[HEAD_LENGTH..]].concat()
}

pub(crate) fn after(seconds: i64) -> Time {
    Time::Known(NOON.plus(seconds))
}

/// Everything is armed but the first area.
pub(crate) fn armed() -> AreaList {
    areas(0b1110)
}

/// One thing that happens to a device. Times are seconds after noon.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Code(&'static str, Action, i64),
    User(u16, Action, i64),
    Act(Act, i64),
    Begin(u32, i64),
    End(u32, i64),
    Supervise(i64),
    Install(Vec<u8>),
    /// In chunks of so many bytes.
    Stream(Vec<u8>, usize),
    /// Only so many bytes of it come, and nobody says that they are all.
    BreakOff(Vec<u8>, usize),
    Restart,
}

impl Step {
    /// When it is taken, if it permits something. What protects stays although nobody hears so, and a typed code counts among the wrong or the right ones.
    pub(crate) fn permitted_at(&self) -> Option<i64> {
        match self {
            Self::User(_, Action::Open, at) | Self::Begin(_, at) => Some(*at),
            Self::Act(Act::EndTest { .. } | Act::Revoke(_) | Act::Restrict | Act::Suspend(_), _) => None,
            Self::Act(_, at) => Some(*at),
            _ => None,
        }
    }
}

/// Whether the caller hears that it may go ahead, or that it is installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// It may, and in flash is what follows from it.
    Yes,
    /// It may; there is nothing to remember, or it protects.
    Whatever,
    No,
}

/// A device whose tests are the same for panels and receivers.
pub(crate) trait Kept<N: Mock>: Sized {
    type Device: std::fmt::Debug + Clone;

    /// Boots; `None`: the flash does not work.
    fn boot_with(flash: N) -> Option<Self>;
    fn step(&mut self, step: &Step) -> Heard;
    fn device(&self) -> &Self::Device;
    fn capacity() -> u32;
    /// The answers to questions about everything that it remembers.
    fn answers(&self) -> Vec<String>;

    fn powered(flash: N) -> Self {
        Self::boot_with(flash).expect("boots")
    }

    /// Powered on a copy of that flash.
    fn powered_on_a_copy(flash: &N) -> (Self, N) {
        let flash = flash.copy();
        (Self::powered(flash.clone()), flash)
    }

    /// Goes through these steps from the first power-up on.
    fn played(steps: &[Step]) -> (Self, N) {
        let flash = N::with_capacity(Self::capacity());
        let mut device = Self::powered(flash.clone());
        for step in steps {
            device.step(step);
        }
        (device, flash)
    }

    /// A fingerprint of everything it holds.
    fn fingerprint(&self) -> u64 {
        let mut fingerprint = Fingerprint(0xcbf2_9ce4_8422_2325);
        write!(fingerprint, "{:?}", self.device()).unwrap();
        fingerprint.0
    }
}

struct Fingerprint(u64);

impl Write for Fingerprint {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        for byte in text.bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        Ok(())
    }
}

/// What a report says but for the state of the flash.
fn told(report: Option<&[u8]>) -> String {
    let report: Report = postcard::from_bytes(report.unwrap()).unwrap();
    format!("{:?}", Report { holding: Holding { damage: Damage::empty(), ..report.holding }, ..report })
}

const SLOT: u32 = 4096;

/// The smallest journal that is allowed.
pub(crate) fn layout<D: keyholder::Device, N: Mock>() -> Layout {
    let whole_blocks = |length: u32| length.next_multiple_of(N::ERASE_SIZE as u32);
    Layout { slot: whole_blocks(SLOT), journal: whole_blocks(Layout::journal_for::<D>()) }
}

fn capacity_of(layout: Layout) -> u32 {
    2 * (layout.slot + layout.journal)
}

fn heard(is_allowed: bool) -> Heard {
    if is_allowed { Heard::Yes } else { Heard::No }
}

fn heard_of(outcome: Result<Installed, Refusal>) -> Heard {
    heard(outcome == Ok(Installed::Now))
}

pub(crate) const OUTSIDE: i64 = 14 * 3600;

pub(crate) fn open_close<'a>(who: Who<'a>, action: Action) -> OpenClose<'a> {
    let place = Place::new(1, Areas(0b11)).unwrap();
    OpenClose { who, action, place, remote: false, armed_by: UserNumber::NOBODY, in_alarm: false }
}

/// What both devices do alike.
macro_rules! alike {
    ($stored:expr, $step:expr) => {
        match $step {
            Step::Begin(engineer, at) => heard(
                $stored.begin_session(&SessionRequest { engineer: EngineerId(*engineer), site: SITE }, after(*at)).verdict.is_allowed(),
            ),
            Step::End(engineer, at) => {
                heard($stored.end_session(&SessionRequest { engineer: EngineerId(*engineer), site: SITE }, after(*at)).verdict.is_allowed())
            }
            Step::Install(blob) => heard_of($stored.install(blob, after(0))),
            Step::Stream(blob, length) => {
                let (head, rest) = blob.split_first_chunk().unwrap();
                let begun = $stored.begin_install(head, after(0));
                let all = rest.chunks(*length).all(|chunk| $stored.append(chunk).is_ok());
                heard(matches!(begun, Ok(Ok(_))) && all && $stored.finish_install(after(0)) == Ok(Installed::Now))
            }
            Step::BreakOff(blob, length) => {
                let (head, rest) = blob.split_first_chunk().unwrap();
                let _ = $stored.begin_install(head, after(0));
                let _ = $stored.append(&rest[..*length]);
                Heard::No
            }
            other => panic!("{other:?} does not concern it"),
        }
    };
}

pub(crate) type KeptPanel<N> = Stored<SamplePanel, N>;

/// The flash that most tests are about, and the panel in it.
pub(crate) type Flash = Nor<4, 4, 1024>;
pub(crate) type Panel = KeptPanel<Flash>;

/// Where a copy of that panel's journal lies.
pub(crate) fn copy_of_the_journal(copy: u32) -> Range<u32> {
    let Layout { slot, journal } = layout::<SamplePanel, Flash>();
    let from = 2 * slot + copy * journal;
    from..from + journal
}

impl<N: Mock> Kept<N> for KeptPanel<N> {
    type Device = SamplePanel;

    fn boot_with(flash: N) -> Option<Self> {
        Self::boot(SamplePanel::new(SITE, keys(), CODE_KEY), flash, layout::<SamplePanel, N>()).ok()
    }

    fn capacity() -> u32 {
        capacity_of(layout::<SamplePanel, N>())
    }

    fn device(&self) -> &SamplePanel {
        self.device()
    }

    fn step(&mut self, step: &Step) -> Heard {
        let protects = |heard, action: &Action| if *action == Action::Close && heard == Heard::Yes { Heard::Whatever } else { heard };
        match step {
            Step::Code(code, action, at) => {
                let decision = self.open_close(&open_close(Who::Code(&Code::typed(code.as_bytes())), *action), after(*at));
                protects(heard(decision.is_allowed()), action)
            }
            Step::User(user, action, at) => {
                let decision = self.open_close(&open_close(Who::User(UserNumber(*user)), *action), after(*at));
                protects(heard(decision.is_allowed()), action)
            }
            Step::Act(act, at) => {
                heard(self.act(&ActRequest { who: Who::User(UserNumber(1)), act: *act, remote: false }, after(*at)).is_allowed())
            }
            Step::Supervise(at) => match self.supervise(&armed(), after(*at)) {
                Supervision::Due(_) => Heard::Whatever,
                _ => Heard::No,
            },
            Step::Restart => panic!("a restart is made from the flash"),
            other => alike!(self, other),
        }
    }

    fn answers(&self) -> Vec<String> {
        let panel = self.device();
        let mut answers = Vec::new();
        let mut ask = |answer: &dyn Fn(&mut SamplePanel) -> String| answers.push(answer(&mut panel.clone()));
        for at in [60, 11 * 3600 + 60, OUTSIDE, OUTSIDE + 86_400, -3600] {
            for user in 1..=6 {
                for action in [Action::Open, Action::Close] {
                    ask(&|panel| format!("{:?}", panel.open_close(&open_close(Who::User(UserNumber(user)), action), after(at))));
                }
            }
            for engineer in [41, 42] {
                let (engineer, site) = (EngineerId(engineer), SITE);
                let capabilities = Capabilities::CHANGE_SETTINGS;
                ask(&|panel| format!("{:?}", panel.engineer(&EngineerRequest { engineer, site, capabilities }, after(at))));
                ask(&|panel| format!("{:?}", panel.begin_session(&SessionRequest { engineer, site }, after(at))));
                ask(&|panel| format!("{:?}", panel.end_session(&SessionRequest { engineer, site }, after(at))));
                let update = Update {
                    model: Model::named("KP-200").unwrap(),
                    version: Version([2, 1, 0, 0]),
                    installed: Version([2, 0, 0, 0]),
                    image: ImageDigest([3; 32]),
                };
                ask(&|panel| format!("{:?}", panel.update(&UpdateRequest { engineer, site, update }, after(at))));
            }
            for code in ["1111", "9999"] {
                // How many wrong codes are left.
                ask(&|panel| {
                    let code = Code::typed(code.as_bytes());
                    let reasons: Vec<_> =
                        (0..4).map(|_| panel.open_close(&open_close(Who::Code(&code), Action::Open), after(at)).reason).collect();
                    format!("{reasons:?}")
                });
            }
            let everything = AreaList::ALL;
            for act in [Act::EndTest { areas: everything }, Act::Revoke(GrantId::FIRST_LOCAL), Act::Revoke(GrantId(901)), Act::Restrict] {
                ask(&|panel| format!("{:?}", panel.act(&ActRequest { who: Who::User(UserNumber(1)), act, remote: false }, after(at))));
            }
            ask(&|panel| {
                let dues: Vec<_> = (0..8).map(|_| panel.supervise(&armed(), after(at))).collect();
                format!("{dues:?}")
            });
        }
        let mut buffer = [0; REPORT_BYTES];
        answers.push(told(self.report(&[], Time::Unknown, &mut buffer)));
        answers.push(format!("{:?}", panel.provenance()));
        answers
    }
}

pub(crate) type KeptReceiver<N> = Stored<SmallReceiver, N>;

impl<N: Mock> Kept<N> for KeptReceiver<N> {
    type Device = SmallReceiver;

    fn boot_with(flash: N) -> Option<Self> {
        Self::boot(SmallReceiver::new(RECEIVER, keys()), flash, layout::<SmallReceiver, N>()).ok()
    }

    fn capacity() -> u32 {
        capacity_of(layout::<SmallReceiver, N>())
    }

    fn device(&self) -> &SmallReceiver {
        self.device()
    }

    fn step(&mut self, step: &Step) -> Heard {
        match step {
            Step::Supervise(at) => match self.supervise(after(*at)) {
                Supervision::Due(_) => Heard::Whatever,
                _ => Heard::No,
            },
            other => alike!(self, other),
        }
    }

    fn answers(&self) -> Vec<String> {
        let receiver = self.device();
        let mut answers = Vec::new();
        for at in [0, 3600, 86_000, 90_000, -3600] {
            for (engineer, site) in [(41, SITE), (42, SITE), (41, SiteId(8))] {
                let engineer = EngineerId(engineer);
                let asked = EngineerRequest { engineer, site, capabilities: Capabilities::CHANGE_SETTINGS };
                answers.push(format!("{:?}", receiver.clone().engineer(&asked, after(at))));
                answers.push(format!("{:?}", receiver.clone().begin_session(&SessionRequest { engineer, site }, after(at))));
                answers.push(format!("{:?}", receiver.clone().end_session(&SessionRequest { engineer, site }, after(at))));
            }
            let mut asked = receiver.clone();
            answers.push(format!("{:?}", [(); 8].map(|()| asked.supervise(after(at)))));
        }
        let mut buffer = [0; REPORT_BYTES];
        answers.push(told(self.report(&[], Time::Unknown, &mut buffer)));
        answers.push(format!("{:?}", receiver.provenance()));
        answers
    }
}

/// What has happened before, and the step whose every moment is tried.
pub(crate) struct Scene {
    pub(crate) name: String,
    pub(crate) before: Vec<Step>,
    pub(crate) step: Step,
}

fn scene(name: &str, before: impl IntoIterator<Item = Step>, step: Step) -> Scene {
    Scene { name: name.into(), before: before.into_iter().collect(), step }
}

/// A ledger with something of everything, under the first policy.
pub(crate) fn busy() -> Vec<Step> {
    let span = Span { closes_from: 700, must_be_closed_by: 900, ..panel_rows().spans[0] };
    let first = snapshot(1, &rows());
    vec![
        Step::Install(first),
        Step::Supervise(1),
        Step::Code("9999", Action::Open, 2),
        Step::User(5, Action::Open, 3),
        Step::User(3, Action::Open, 4),
        Step::User(2, Action::Open, 5),
        Step::Act(Act::Test { areas: areas(0b100), minutes: 300 }, 6),
        Step::Act(Act::ExtendClosing { place: Place::new(1, Areas(0b11)).unwrap(), minutes: 60 }, 7),
        Step::Act(Act::SetSpan { schedule: 1, date: Date::new(2026, 11, 25), span: Some(span) }, 8),
        Step::Act(Act::OpenWindow { place: Place::new(1, Areas(0b1100)).unwrap(), minutes: 1440 }, 9),
        Step::Act(Act::Suspend(UserNumber(2)), 10),
        Step::Act(Act::Grant { engineer: EngineerId(42), answers_request: true }, 11),
        Step::Act(Act::Revoke(GrantId(900)), 12),
        Step::Act(Act::Restrict, 13),
        Step::Act(Act::Lift, 14),
        Step::Begin(41, 15),
        Step::Code("9999", Action::Open, 16),
    ]
}

/// A scene for each operation of a panel.
pub(crate) fn panel_scenes() -> Vec<Scene> {
    let first = snapshot(1, &rows());
    let second = snapshot(2, &more_rows());
    let fewer = snapshot(2, &fewer_rows());
    let patched = sixth_added(2, &first);
    let again = fifth_removed(3, &patched);
    let installed = || vec![Step::Install(first.clone())];
    let with = |steps: &[Step]| [&installed()[..], steps].concat();
    let mut scenes = vec![
        scene("the first boot", [], Step::Restart),
        scene("the first policy", [], Step::Install(first.clone())),
        scene("the second policy", busy(), Step::Install(second.clone())),
        scene("the third policy", [&busy()[..], &[Step::Install(second.clone())]].concat(), Step::Install(snapshot(3, &fewer_rows()))),
        scene("a policy without some people and grants", busy(), Step::Install(fewer)),
        scene("a patch", busy(), Step::Install(patched.clone())),
        scene("a patch on a patch", [&busy()[..], &[Step::Install(patched.clone())]].concat(), Step::Install(again.clone())),
        scene("a patch after one that broke off", with(&[Step::BreakOff(patched.clone(), 20)]), Step::Install(patched.clone())),
        scene("a streamed patch", busy(), Step::Stream(patched.clone(), 13)),
        scene("a key change", busy(), Step::Install(key_change(9))),
        scene("a streamed key change", busy(), Step::Stream(key_change(9), 5)),
        scene("a policy after a key change", with(&[Step::Install(key_change(9))]), Step::Install(resigned(&snapshot(10, &more_rows())))),
        scene("a patch after a key change", with(&[Step::Install(key_change(9))]), Step::Install(resigned(&sixth_added(10, &first)))),
        scene("a policy signed with the recovery key", busy(), Step::Install(resigned_with(&recovery(), &second))),
        scene("a key change that counts anew", with(&[Step::Install(snapshot(1000, &rows()))]), Step::Install(key_change(9))),
        scene(
            "a policy after a key change that counts anew",
            with(&[Step::Install(snapshot(1000, &rows())), Step::Install(key_change(9))]),
            Step::Install(resigned(&snapshot(10, &more_rows()))),
        ),
        scene("a clock correction", busy(), Step::Install(clock_correction(9, NOON.plus(16), NOON.plus(-7000)))),
        scene("a wrong code", with(&[]), Step::Code("9999", Action::Open, 60)),
        scene(
            "the wrong code that locks",
            with(&[Step::Code("9999", Action::Open, 60), Step::Code("9999", Action::Open, 61)]),
            Step::Code("9999", Action::Open, 62),
        ),
        scene("a right code after wrong ones", with(&[Step::Code("9999", Action::Open, 60)]), Step::Code("1111", Action::Open, 61)),
        scene("the only use", with(&[]), Step::User(4, Action::Open, 60)),
        scene("the only use of a second person", with(&[Step::User(4, Action::Open, 50)]), Step::User(5, Action::Open, 60)),
        scene("the use of a day", with(&[]), Step::User(3, Action::Open, 60)),
        scene("the use of the next day", with(&[Step::User(3, Action::Open, 60)]), Step::User(3, Action::Open, 86_460)),
        scene("the first use", with(&[]), Step::User(2, Action::Open, 60)),
        scene("a temp opening", with(&[]), Step::User(2, Action::Open, OUTSIDE)),
        scene("the closing of a temp opening", with(&[Step::User(2, Action::Open, OUTSIDE)]), Step::User(2, Action::Close, OUTSIDE + 60)),
        scene("the first look at what is due", with(&[]), Step::Supervise(1)),
        scene(
            "a temp opening that is due",
            with(&[Step::Supervise(1), Step::User(2, Action::Open, OUTSIDE), Step::Supervise(OUTSIDE + 1), Step::Supervise(OUTSIDE + 2)]),
            Step::Supervise(OUTSIDE + 2000),
        ),
        scene("a test that has ended", busy(), Step::Supervise(6 + 300 * 60)),
        scene("hours without anything due", with(&[Step::Supervise(1)]), Step::Supervise(3600)),
        scene("the end of a test", busy(), Step::Act(Act::EndTest { areas: AreaList::ALL }, 100)),
        scene("the end of a suspension", busy(), Step::Act(Act::Reinstate(UserNumber(2)), 100)),
        scene("a revocation of a local grant", busy(), Step::Act(Act::Revoke(GrantId::FIRST_LOCAL), 100)),
        scene("the end of a session", busy(), Step::End(41, 100)),
        scene("a session under a local grant", busy(), Step::Begin(42, 100)),
        scene("a restriction", busy(), Step::Act(Act::Restrict, 100)),
    ];
    for (index, step) in busy().into_iter().enumerate().skip(1) {
        scenes.push(scene(&format!("{step:?} in its turn"), busy()[..index].to_vec(), step));
    }
    for length in [1, 7, 64, 127, 128, 144, 1000] {
        scenes.push(scene(&format!("the second policy in chunks of {length}"), busy(), Step::Stream(second.clone(), length)));
    }
    scenes
}

/// A scene for each operation of a receiver.
pub(crate) fn receiver_scenes() -> Vec<Scene> {
    let first = receiver_snapshot(1, &receiver_rows());
    let mut fewer = receiver_rows();
    fewer.access.grants.remove(0);
    let removed = encode(&(Part::Grants as u8 | 0x40, 1_u8, (EngineerId(41), SITE, GrantId(901))));
    let installed = Step::Install(first.clone());
    let used = [installed.clone(), Step::Supervise(1), Step::Begin(41, 2), Step::Begin(42, 3)];
    vec![
        scene("the first boot", [], Step::Restart),
        scene("the first policy", [], Step::Install(first.clone())),
        scene("a policy without a grant in use", used.clone(), Step::Install(receiver_snapshot(2, &fewer))),
        scene("a patch without a grant in use", used.clone(), Step::Install(patch(Kind::ReceiverPatch, RECEIVER, 2, &first, &[&removed]))),
        scene("the first look at what is due", [installed.clone()], Step::Supervise(1)),
        scene("a session", [installed.clone()], Step::Begin(41, 1)),
        scene("the end of a session", used.clone(), Step::End(42, 9)),
        scene("a grant that has ended", used, Step::Supervise(86_400)),
    ]
}
