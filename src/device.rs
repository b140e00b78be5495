//! What panels and receivers have in common: both obey blobs, and both remember.

/// A panel or a receiver.
pub trait Device: inside::Device {}

pub(crate) mod inside {
    use crate::blob::bytes::Bytes;
    use crate::blob::parts::Parts;
    use crate::blob::{
        self, ClockCorrection, DeviceKind, HEAD_LENGTH, Head, Installed, KeyChange, KeyRole, Keys, Kind, Provenance, Recipient, Refusal,
        Trust,
    };
    use crate::decide::{EngineerRequest, SessionRequest, UpdateRequest, remote, update};
    use crate::decision::Decision;
    use crate::engineer::SiteId;
    use crate::ledger::access::{AccessDeed, AccessMemory};
    use crate::ledger::topic::{Reader, Topic, Topics, Touched, Writer};
    use crate::policy::access::Access;
    use crate::policy::{Fault, Invalid, Part};
    use crate::time::{Instant, Now, Time};

    /// Who a device is, whom it obeys, and on what it decides.
    #[derive(Clone, Debug)]
    pub(crate) struct Subject {
        pub(crate) id: SiteId,
        pub(crate) trust: Trust,
        /// The policy that decides.
        pub(crate) installed: Option<Provenance>,
    }

    impl Subject {
        /// Nobody yet, and obeys nobody.
        pub(crate) const BLANK: Self = Self::new(SiteId(0), Keys::NONE);

        pub(crate) const fn new(id: SiteId, keys: Keys) -> Self {
            Self { id, trust: Trust::new(keys), installed: None }
        }
    }

    /// A blob that has been judged, and what it changes besides the policy.
    #[derive(Clone, Copy, Debug)]
    pub struct Accepted {
        pub(crate) head: Head,
        pub(crate) signer: KeyRole,
        pub(crate) order: Order,
    }

    #[derive(Clone, Copy, Debug)]
    pub(crate) enum Order {
        Policy,
        Keys(KeyChange),
        Clock,
    }

    /// What has to be written down of a device, and read again.
    #[allow(private_interfaces, private_bounds, reason = "only this crate can name the trait")]
    pub trait Device {
        const KIND: DeviceKind;
        /// The most bytes that everything it remembers takes in a journal.
        const MEMORY: u32;

        fn subject(&self) -> &Subject;
        fn subject_mut(&mut self) -> &mut Subject;
        fn floor(&self) -> Instant;
        fn set_floor(&mut self, floor: Instant);
        /// Seconds the clock may run backwards without being taken for turned back.
        fn clock_tolerance(&self) -> u16;

        /// Judges a policy, on the one that is there if it is a patch.
        fn judge(&self, parts: Parts<'_>) -> Result<(), Refusal>;
        /// Writes it into the tables. `false`: it could no longer be read.
        fn write(&mut self, parts: Parts<'_>) -> bool;
        /// Empties the tables: everything is denied.
        fn clear_policy(&mut self);
        /// Drops from the ledger what belongs to people and grants that the policy no longer has.
        fn settle(&mut self);
        /// The clock was wrong: it reads `to`.
        fn correct_clock(&mut self, to: Instant);

        fn touched(&mut self) -> &mut Touched;
        /// Tells a single topic of the ledger.
        fn tell_ledger(&self, topic: Topic, writer: &mut Writer<'_>);
        /// Tells what `touched` names besides the single topics. `None`: there is no such record.
        fn tell_one(&self, touched: &Touched, writer: &mut Writer<'_>) -> Option<()>;
        /// Tells the contact's record or session in slot `index` of all of them; nothing of an empty one. `None`: there are no more slots.
        fn tell_row(&self, index: usize, writer: &mut Writer<'_>) -> Option<()>;
        /// Tells what the cloud wants to know of the ledger, in the order of a report.
        fn tell_cloud(&self, writer: &mut Writer<'_>);
        /// Remembers it again.
        fn recall_ledger(&mut self, topic: Topic, reader: &mut Reader<'_>) -> Option<()>;
        /// Forgets those topics that there are several of. The others are told as a whole.
        fn forget(&mut self);

        /// What decides about engineers, and what is remembered of them.
        fn access(&self) -> (Access<'_>, AccessMemory<'_>);
        fn apply_access(&mut self, deed: &AccessDeed);
        /// What takes back what `deed` will permit.
        fn reversal_of(&self, deed: &AccessDeed) -> AccessDeed;

        #[inline(never)]
        fn read(&self, time: Time) -> Now {
            Now::read(time, self.floor(), self.clock_tolerance())
        }

        /// Reads the time and raises the floor to it.
        #[inline(never)]
        fn see(&mut self, time: Time) -> Now {
            let now = self.read(time);
            self.set_floor(now.raised(self.floor()));
            now
        }

        fn engineer(&mut self, request: &EngineerRequest, time: Time) -> Decision {
            let now = self.see(time);
            let (access, memory) = self.access();
            remote::decide(&access, &memory, request, now)
        }

        fn begin_session<Before>(
            &mut self,
            request: &SessionRequest,
            time: Time,
            before: impl FnOnce(&Self, &AccessDeed) -> Before,
        ) -> (Decision, Before) {
            let now = self.see(time);
            let (access, memory) = self.access();
            let (decision, deed) = remote::begin(&access, &memory, request, now);
            let before = before(self, &deed);
            self.apply_access(&deed);
            (decision, before)
        }

        fn end_session(&mut self, request: &SessionRequest, time: Time) -> Decision {
            let now = self.see(time);
            let (access, memory) = self.access();
            let (decision, deed) = remote::end(&access, &memory, request, now);
            self.apply_access(&deed);
            decision
        }

        fn update(&mut self, request: &UpdateRequest, time: Time) -> Decision {
            let now = self.see(time);
            let (access, memory) = self.access();
            update::decide(&access, &memory, request, now)
        }

        /// Tells a single topic.
        fn tell(&self, topic: Topic, writer: &mut Writer<'_>) {
            writer.topic(topic, |writer| match topic {
                Topic::Trust => writer.put(&self.subject().trust),
                _ => self.tell_ledger(topic, writer),
            });
        }

        /// Remembers again what was told, whoever it is about and whatever policy there is.
        fn recall(&mut self, topic: Topic, reader: &mut Reader<'_>) -> Option<()> {
            if topic != Topic::Trust {
                return self.recall_ledger(topic, reader);
            }
            self.subject_mut().trust = reader.take()?;
            Some(())
        }

        fn recipient(&self) -> Recipient<'_> {
            Recipient { kind: Self::KIND, subject: self.subject() }
        }

        /// Judges a head before the rest has come. `None`: the blob has been installed before.
        fn check_head(&self, head: &[u8; HEAD_LENGTH], time: Time) -> Result<Option<Head>, Refusal> {
            let judged = Head::read(head)?;
            let signer = self.recipient().authenticate(&judged, head, None, self.read(time))?;
            Ok(signer.map(|_| judged))
        }

        /// Judges a blob. `None`: it has been installed before.
        fn check(&self, blob: &dyn Bytes, time: Time) -> Result<Option<Accepted>, Refusal> {
            let (head, bytes) = blob::read_head(blob)?;
            let Some(signer) = self.recipient().authenticate(&head, &bytes, Some(blob), self.read(time))? else { return Ok(None) };
            let order = match head.kind {
                Kind::KeyChange => {
                    let change: KeyChange = blob::order(blob, Part::Keys)?;
                    let latest = self.subject().trust.latest.map(|latest| latest.sequence);
                    // Only a new signing key begins to count anew: under the old one older blobs would come back.
                    if let Some(installed) = latest.filter(|latest| change.role == KeyRole::Recovery && head.sequence <= *latest) {
                        return Err(Refusal::Stale { installed });
                    }
                    self.subject().trust.keys.judge(&change, signer)?;
                    Order::Keys(change)
                }
                Kind::ClockCorrection => {
                    let refused = |fault| Err(Refusal::Invalid(Invalid { part: Part::Clock, row: 0, fault }));
                    let correction: ClockCorrection = blob::order(blob, Part::Clock)?;
                    if correction.floor != self.floor() {
                        return refused(Fault::OtherFloor);
                    }
                    if !(0..correction.floor.0).contains(&head.issued_at.0) {
                        return refused(Fault::Range);
                    }
                    Order::Clock
                }
                _ => {
                    self.judge(Parts::of(blob, head.kind.is_patch()))?;
                    Order::Policy
                }
            };
            Ok(Some(Accepted { head, signer, order }))
        }

        /// Does what a blob says that has been judged. `false`: it could no longer be read, and everything is denied now.
        fn adopt(&mut self, blob: &dyn Bytes, accepted: &Accepted) -> bool {
            match &accepted.order {
                Order::Policy => {
                    if !self.write(Parts::of(blob, accepted.head.kind.is_patch())) || blob.has_failed() {
                        self.deny_everything();
                        return false;
                    }
                    self.settle();
                }
                Order::Keys(change) => {
                    let Subject { trust, installed, .. } = self.subject_mut();
                    if trust.keys.change(change) {
                        trust.vouched = *installed;
                    }
                    if accepted.signer == KeyRole::Recovery && change.role == KeyRole::Signing {
                        // Counting goes on from here, whatever numbers the retired key has used up.
                        trust.forfeited = trust.forfeited.min(Some(accepted.head.sequence));
                    }
                }
                Order::Clock => self.correct_clock(accepted.head.issued_at),
            }
            self.accept(&accepted.head, accepted.signer);
            true
        }

        /// Remembers that a blob has been accepted.
        fn accept(&mut self, head: &Head, signer: KeyRole) {
            let provenance = head.provenance();
            let Subject { trust, installed, .. } = self.subject_mut();
            if head.kind.is_policy() {
                *installed = Some(provenance);
            }
            if head.kind.is_policy() && !head.kind.is_patch() {
                trust.supersede(&provenance);
            }
            trust.latest = Some(provenance);
            if signer == KeyRole::Recovery {
                trust.recovered = trust.recovered.max(Some(provenance.sequence));
            }
            self.touched().touch(Topics::TRUST, true);
        }

        /// Has no policy from now on.
        fn deny_everything(&mut self) {
            self.clear_policy();
            self.subject_mut().installed = None;
        }

        /// Judges a blob and does what it says.
        fn install(&mut self, blob: &dyn Bytes, time: Time) -> Result<Installed, Refusal> {
            let Some(accepted) = self.check(blob, time)? else { return Ok(Installed::Already) };
            if self.adopt(blob, &accepted) { Ok(Installed::Now) } else { Err(Refusal::NotKept) }
        }
    }
}
