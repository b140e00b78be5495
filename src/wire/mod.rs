//! What crosses a wire or stays in flash, in postcard.

mod reader;
mod writer;

pub(crate) use reader::{Reader, bytes};
pub(crate) use writer::Writer;

#[cfg(test)]
mod tests {
    use super::*;

    use core::fmt::Debug;

    use serde::Serialize;
    use serde::de::DeserializeOwned;

    use crate::blob::{Refusal, Trust};
    use crate::code::Credential;
    use crate::contact::{Contact, UseLimit};
    use crate::engineer::{Engineer, Grant, SiteAccess};
    use crate::firmware::Authorisation;
    use crate::ledger::access::{LocalGrant, Privacy, Session};
    use crate::ledger::openings::TempOpening;
    use crate::ledger::panel::{ContactRecord, LocalWindow, Lockout, OnTest};
    use crate::place::AreaList;
    use crate::policy::panel::Site;
    use crate::schedule::{Holiday, Layer, LocalSpan, Schedule, Span, TempOpenWindow};
    use crate::sync::Acknowledgement;

    /// Numbers that are the same with every run.
    struct Noise(u64);

    impl Noise {
        fn next(&mut self) -> u64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            self.0 >> 33
        }

        /// Few bits or many of them, and so few more often than not that a row of many fields comes about.
        fn byte(&mut self) -> u8 {
            match self.next() % 16 {
                0 => 0x80 | self.next() as u8,
                1 => 0xff,
                2..=5 => self.next() as u8 & 0x7f,
                _ => (self.next() % 2) as u8,
            }
        }
    }

    /// Writes it as postcard does, and only if there is room for all of it.
    fn check_written<T: Serialize + Debug + ?Sized>(value: &T, noise: &mut Noise) {
        let (mut bytes, mut expected) = ([0; 160], [0; 160]);
        let expected = &*postcard::to_slice(value, &mut expected).unwrap();
        let mut writer = Writer::into(&mut bytes);
        writer.put(value);
        assert_eq!(writer.length(), expected.len(), "{value:?}");
        assert_eq!(writer.written(), Some(expected), "{value:?}");
        let room = noise.next() as usize % (expected.len() + 4);
        let mut writer = Writer::into(&mut bytes[..room]);
        writer.put(value);
        assert_eq!(writer.written(), (expected.len() <= room).then_some(expected), "{value:?} in {room} bytes");
    }

    fn check<T: DeserializeOwned + Serialize + PartialEq + Debug>(noise: &mut Noise) {
        let mut values = 0;
        for _ in 0..20_000 {
            let bytes: [u8; 128] = core::array::from_fn(|_| noise.byte());
            for length in [128, (noise.next() % 24) as usize] {
                let mut reader = Reader::of(&bytes[..length]);
                let read = reader.take::<T>().map(|value| (value, reader.rest()));
                assert_eq!(read, postcard::take_from_bytes(&bytes[..length]).ok(), "{bytes:?}");
                values += u32::from(read.is_some());
                if let Some((value, _)) = read {
                    check_written(&value, noise);
                }
            }
        }
        assert!(values > 40, "{} is hardly ever read", core::any::type_name::<T>());
    }

    #[test]
    fn bytes_mean_what_they_mean_to_postcard() {
        let mut noise = Noise(2027);
        check::<(u8, u16, u32, u64)>(&mut noise);
        check::<(i16, i32, i64)>(&mut noise);
        check::<(bool, Option<u16>)>(&mut noise);
        check::<UseLimit>(&mut noise);
        check::<AreaList>(&mut noise);
        check::<Schedule>(&mut noise);
        check::<Layer>(&mut noise);
        check::<Span>(&mut noise);
        check::<Holiday>(&mut noise);
        check::<TempOpenWindow>(&mut noise);
        check::<Contact>(&mut noise);
        check::<Credential>(&mut noise);
        check::<SiteAccess>(&mut noise);
        check::<Engineer>(&mut noise);
        check::<Grant>(&mut noise);
        check::<Authorisation>(&mut noise);
        check::<Site>(&mut noise);
        check::<ContactRecord>(&mut noise);
        check::<TempOpening>(&mut noise);
        check::<LocalSpan>(&mut noise);
        check::<LocalWindow>(&mut noise);
        check::<OnTest>(&mut noise);
        check::<LocalGrant>(&mut noise);
        check::<Session>(&mut noise);
        check::<(Lockout, Privacy)>(&mut noise);
        check::<Trust>(&mut noise);
        check::<Refusal>(&mut noise);
        check::<Acknowledgement>(&mut noise);
    }
}
