//! The core's devices, asked the model's questions.

use super::model::Place as Places;
use super::question::{Act as Acts, Direction, Question, Secret, Subject, TestTarget, Who as Whom};
use super::wire::{AccessRows, PanelRows, area_list, areas, capabilities, code_key, date, number, span};
use ed25519_dalek::{Signer, SigningKey};
use keyholder::blob::{Head, Installed, Kind, PublicKey, Refusal};
use keyholder::code::{Code, Passcode};
use keyholder::contact::UserNumber;
use keyholder::engineer::{EngineerId, GrantId, SiteId};
use keyholder::firmware::{ImageDigest, Model, Version};
use keyholder::place::{AreaList, Areas, Place};
use keyholder::supervise::{Due, Supervision};
use keyholder::time::{Instant, Time};
use keyholder::{
    Act, ActRequest, Action, Decision, EngineerRequest, LargePanel, LargeReceiver, OpenClose, SessionRequest, SmallPanel, SmallReceiver,
    StandardPanel, StandardReceiver, Update, UpdateRequest, Who,
};

/// The receiver's id in every test.
pub const RECEIVER: SiteId = SiteId(77);

/// What a device answers to a question.
#[derive(Clone, Debug, PartialEq)]
pub enum Answered {
    Decision(Decision),
    /// To a tick: everything that has fallen due, as it came.
    Due(Vec<Due>),
}

impl Answered {
    pub fn is_allowed(&self) -> bool {
        matches!(self, Self::Decision(decision) if decision.is_allowed())
    }

    pub fn decision(&self) -> &Decision {
        match self {
            Self::Decision(decision) => decision,
            Self::Due(_) => panic!("a tick has no decision"),
        }
    }
}

/// A device of whatever capacity.
pub trait Device {
    fn install(&mut self, blob: &[u8], time: Time) -> Result<Installed, Refusal>;
    fn ask(&mut self, question: &Question) -> Answered;
    fn copy(&self) -> Box<dyn Device>;
}

fn signing_key() -> SigningKey {
    SigningKey::from_bytes(&[0x17; 32])
}

pub fn public_key() -> PublicKey {
    PublicKey(signing_key().verifying_key().to_bytes())
}

/// The signed blob of a policy whose bytes are given.
pub fn blob(kind: Kind, recipient: SiteId, sequence: u64, policy: &[u8]) -> Vec<u8> {
    let head = Head::for_content(kind, recipient, sequence, Instant(0), Instant::LATEST, &public_key(), policy);
    let signed = head.to_signed_bytes();
    let signature = signing_key().sign(&signed).to_bytes();
    [&signed[..], &signature, policy].concat()
}

pub fn encoded(policy: &impl serde::Serialize) -> Vec<u8> {
    let mut bytes = vec![0; 1 << 17];
    let length = postcard::to_slice(policy, &mut bytes).expect("room enough").len();
    bytes.truncate(length);
    bytes
}

pub fn panel_blob(rows: &PanelRows, sequence: u64) -> Vec<u8> {
    blob(Kind::PanelSnapshot, rows.site.id, sequence, &encoded(&rows.snapshot()))
}

pub fn receiver_blob(rows: &AccessRows, clock_tolerance: u16, sequence: u64) -> Vec<u8> {
    blob(Kind::ReceiverSnapshot, RECEIVER, sequence, &encoded(&rows.receiver_snapshot(RECEIVER, clock_tolerance)))
}

macro_rules! panels {
    ($($make:ident $panel:ident,)*) => {$(
        pub fn $make(site: SiteId) -> Box<dyn Device> {
            Box::new($panel::new(site, keyholder::blob::Keys::only(public_key()), code_key()))
        }

        impl Device for $panel {
            fn install(&mut self, blob: &[u8], time: Time) -> Result<Installed, Refusal> {
                self.install(blob, time)
            }

            fn ask(&mut self, question: &Question) -> Answered {
                let time = time_of(question);
                Answered::Decision(match &question.subject {
                    Subject::OpenClose(request) => {
                        let credential = Credential::of(&request.who);
                        self.open_close(&open_close(request, credential.who()), time)
                    }
                    Subject::Act(who, act) => {
                        let credential = Credential::of(who);
                        self.act(&ActRequest { who: credential.who(), act: act_of(act), remote: who.remote }, time)
                    }
                    Subject::Use { engineer, site, capabilities: asked } => {
                        let capabilities = capabilities(asked);
                        self.engineer(&EngineerRequest { engineer: EngineerId(*engineer), site: SiteId(*site), capabilities }, time)
                    }
                    Subject::BeginSession { engineer, site } => self.begin_session(&session(*engineer, *site), time),
                    Subject::EndSession { engineer, site } => self.end_session(&session(*engineer, *site), time),
                    Subject::Firmware(request) => self.update(&update(request), time),
                    Subject::Tick { armed } => {
                        let armed = area_list(armed);
                        return Answered::Due(all_due(|| self.supervise(&armed, time)));
                    }
                })
            }

            fn copy(&self) -> Box<dyn Device> {
                Box::new(self.clone())
            }
        }
    )*};
}
panels! { small_panel SmallPanel, standard_panel StandardPanel, large_panel LargePanel, }

macro_rules! receivers {
    ($($make:ident $receiver:ident,)*) => {$(
        pub fn $make() -> Box<dyn Device> {
            Box::new($receiver::new(RECEIVER, keyholder::blob::Keys::only(public_key())))
        }

        impl Device for $receiver {
            fn install(&mut self, blob: &[u8], time: Time) -> Result<Installed, Refusal> {
                self.install(blob, time)
            }

            fn ask(&mut self, question: &Question) -> Answered {
                let time = time_of(question);
                Answered::Decision(match &question.subject {
                    Subject::Use { engineer, site, capabilities: asked } => {
                        let capabilities = capabilities(asked);
                        self.engineer(&EngineerRequest { engineer: EngineerId(*engineer), site: SiteId(*site), capabilities }, time)
                    }
                    Subject::BeginSession { engineer, site } => self.begin_session(&session(*engineer, *site), time),
                    Subject::EndSession { engineer, site } => self.end_session(&session(*engineer, *site), time),
                    Subject::Firmware(request) => self.update(&update(request), time),
                    Subject::Tick { .. } => return Answered::Due(all_due(|| self.supervise(time))),
                    Subject::OpenClose(_) | Subject::Act(..) => panic!("a receiver knows no contacts"),
                })
            }

            fn copy(&self) -> Box<dyn Device> {
                Box::new(self.clone())
            }
        }
    )*};
}
receivers! { small_receiver SmallReceiver, standard_receiver StandardReceiver, large_receiver LargeReceiver, }

fn time_of(question: &Question) -> Time {
    question.clock.map_or(Time::Unknown, |seconds| Time::Known(Instant(seconds)))
}

/// What was typed or told, for a [`Who`] to borrow.
struct Credential {
    user: Option<UserNumber>,
    code: Option<Code>,
    passcode: Option<Passcode>,
}

impl Credential {
    fn of(who: &Whom) -> Self {
        let (code, passcode) = match &who.secret {
            Some(Secret::Code(code)) => (Some(Code::typed(code.as_bytes())), None),
            Some(Secret::Passcode(passcode)) => (None, Some(Passcode::told(passcode.as_bytes()))),
            None => (None, None),
        };
        Self { user: who.number.map(UserNumber), code, passcode }
    }

    fn who(&self) -> Who<'_> {
        match (self.user, &self.code, &self.passcode) {
            (Some(user), Some(code), _) => Who::UserAndCode(user, code),
            (None, Some(code), _) => Who::Code(code),
            (Some(user), None, Some(passcode)) => Who::UserAndPasscode(user, passcode),
            (None, None, Some(passcode)) => Who::Passcode(passcode),
            (Some(user), None, None) => Who::User(user),
            (None, None, None) => panic!("a question names somebody"),
        }
    }
}

fn place(place: &Places) -> Place {
    Place::new(place.system + 1, areas(&place.areas)).expect("a place has a system and an area")
}

fn open_close<'a>(request: &super::question::OpenClose, who: Who<'a>) -> OpenClose<'a> {
    OpenClose {
        who,
        action: match request.direction {
            Direction::Open => Action::Open,
            Direction::Close => Action::Close,
        },
        place: place(&request.place),
        remote: request.who.remote,
        armed_by: request.armed_by.map_or(UserNumber::NOBODY, UserNumber),
        in_alarm: request.in_alarm,
    }
}

fn act_of(act: &Acts) -> Act {
    let target = |target: &TestTarget| match target {
        TestTarget::EntireCustomer => AreaList::ALL,
        TestTarget::Place(place) => area_list(std::slice::from_ref(place)),
    };
    match act {
        Acts::CancelAlarm => Act::CancelAlarm,
        Acts::EditCustomer => Act::EditCustomer,
        Acts::GiveOutInformation => Act::ReceiveInformation,
        Acts::GrantOnTheSpot { engineer } => Act::Grant { engineer: EngineerId(*engineer), answers_request: false },
        Acts::GrantAnswering { engineer } => Act::Grant { engineer: EngineerId(*engineer), answers_request: true },
        Acts::Revoke { grant } => Act::Revoke(GrantId(*grant)),
        Acts::LiftRestriction => Act::Lift,
        Acts::Restrict => Act::Restrict,
        Acts::ExtendClosing { place: of, minutes } => Act::ExtendClosing { place: place(of), minutes: number(*minutes) },
        Acts::SetTemporarySpan { schedule, date: on, span: hours } => {
            Act::SetSpan { schedule: number(schedule + 1), date: date(*on), span: hours.as_ref().map(span) }
        }
        Acts::OpenWindow { place: of, minutes } => Act::OpenWindow { place: place(of), minutes: number(*minutes) },
        Acts::Suspend { number } => Act::Suspend(UserNumber(*number)),
        Acts::Reinstate { number } => Act::Reinstate(UserNumber(*number)),
        Acts::StartTest { target: what, minutes } => Act::Test { areas: target(what), minutes: number(*minutes) },
        Acts::EndTest { target: what } => Act::EndTest { areas: target(what) },
    }
}

fn session(engineer: u32, site: u32) -> SessionRequest {
    SessionRequest { engineer: EngineerId(engineer), site: SiteId(site) }
}

fn update(request: &super::question::FirmwareUpdate) -> UpdateRequest {
    UpdateRequest {
        engineer: EngineerId(request.engineer),
        site: SiteId(request.site),
        update: Update {
            model: Model::named(&request.model).expect("a model's name"),
            version: Version(request.offered),
            installed: Version(request.installed),
            image: ImageDigest(request.image),
        },
    }
}

fn all_due(mut supervise: impl FnMut() -> Supervision) -> Vec<Due> {
    let mut due = Vec::new();
    loop {
        match supervise() {
            Supervision::Due(one) => due.push(one),
            Supervision::AskAgain => {}
            Supervision::Nothing => return due,
        }
    }
}

/// The areas of a list, by system from 1.
pub fn by_system(list: &AreaList) -> impl Iterator<Item = (u8, Areas)> {
    (1..).zip(list.0).filter(|(_, areas)| !areas.is_empty())
}
