//! Reads what postcard has written, and writes what postcard reads.
//!
//! The same bytes are the same values as to `postcard::take_from_bytes` and `postcard::to_slice`, which the tests hold this against. Those unroll every number
//! wherever there is one and have an error for every way to be wrong; of the rows of a policy they made three times the code.

use core::fmt;

use serde::de::{self, DeserializeSeed, EnumAccess, IntoDeserializer, SeqAccess, VariantAccess, Visitor};
use serde::forward_to_deserialize_any;
use serde::ser::{self, Impossible, Serialize};

/// Bytes that are read value by value.
///
/// What is wrong is noted, and zeros are read from then on: whoever takes a value asks once whether all of it was right, not at every number.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a> {
    /// What is left of them.
    bytes: &'a [u8],
    is_wrong: bool,
}

/// The bytes are not the encoding of such a value, or end in the middle of it.
#[derive(Debug)]
pub(crate) struct Unreadable;

impl<'a> Reader<'a> {
    pub(crate) const fn of(bytes: &'a [u8]) -> Self {
        Self { bytes, is_wrong: false }
    }

    /// The bytes that have not been read yet.
    pub(crate) const fn rest(&self) -> &'a [u8] {
        self.bytes
    }

    /// The next value. `None`: nothing of that kind, and nothing comes behind it.
    pub(crate) fn take<T: de::Deserialize<'a>>(&mut self) -> Option<T> {
        let value = T::deserialize(&mut *self);
        if self.is_wrong {
            return None;
        }
        value.ok()
    }

    /// The next byte is this one, and has been read then.
    pub(crate) fn passes(&mut self, byte: u8) -> Option<()> {
        let (next, rest) = self.bytes.split_first()?;
        (*next == byte).then(|| self.bytes = rest)
    }

    /// So many bytes as they are.
    pub(crate) fn plain(&mut self, length: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.bytes.split_at_checked(length)?;
        self.bytes = rest;
        Some(bytes)
    }

    // Hosts install a policy a quarter faster if what is read most is inlined.
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    fn byte(&mut self) -> u8 {
        let Some((byte, rest)) = self.bytes.split_first() else {
            self.is_wrong = true;
            return 0;
        };
        self.bytes = rest;
        *byte
    }

    /// A byte that is 0 or 1.
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    fn bit(&mut self) -> bool {
        let byte = self.byte();
        self.is_wrong |= byte > 1;
        byte == 1
    }

    /// A number of so many bits, seven in a byte, the lowest first.
    fn number(&mut self, bits: u32) -> u64 {
        let first = self.byte();
        let mut number = u64::from(first & 0x7f);
        if first < 0x80 {
            return number;
        }
        // Most are of one or two bytes, and those of two fit whatever they are to be.
        let second = self.byte();
        number |= u64::from(second & 0x7f) << 7;
        if second < 0x80 {
            return number;
        }
        let mut shift = 14;
        loop {
            let byte = self.byte();
            // Bits that are too many, or a further byte where none can follow.
            if bits - shift < 8 && byte >> (bits - shift) != 0 {
                self.is_wrong = true;
                return 0;
            }
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return number;
            }
            shift += 7;
        }
    }

    #[cfg_attr(target_pointer_width = "32", inline(never))]
    fn number16(&mut self) -> u16 {
        self.number(16) as u16
    }

    #[cfg_attr(target_pointer_width = "32", inline(never))]
    fn number32(&mut self) -> u32 {
        self.number(32) as u32
    }

    /// A number with a sign, which is its lowest bit.
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    fn signed(&mut self, bits: u32) -> i64 {
        let number = self.number(bits);
        (number >> 1) as i64 ^ -((number & 1) as i64)
    }
}

macro_rules! numbers {
    ($($deserialize:ident $visit:ident $read:ident($($bits:literal)?) $number:ty;)*) => {$(
        fn $deserialize<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
            visitor.$visit(self.$read($($bits)?) as $number)
        }
    )*};
}

impl<'de> de::Deserializer<'de> for &mut Reader<'de> {
    type Error = Unreadable;

    numbers! {
        deserialize_u16 visit_u16 number16() u16;
        deserialize_u32 visit_u32 number32() u32;
        deserialize_u64 visit_u64 number(64) u64;
        deserialize_i16 visit_i16 signed(16) i16;
        deserialize_i32 visit_i32 signed(32) i32;
        deserialize_i64 visit_i64 signed(64) i64;
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_bool(self.bit())
    }

    fn deserialize_u8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_u8(self.byte())
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        if self.bit() { visitor.visit_some(self) } else { visitor.visit_none() }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_seq(Values { reader: self, left: length })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        self.deserialize_tuple(fields.len(), visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(self, name: &'static str, length: usize, visitor: V) -> Result<V::Value, Unreadable> {
        if name == PLAIN {
            visitor.visit_borrowed_bytes(self.plain(length).ok_or(Unreadable)?)
        } else {
            self.deserialize_tuple(length, visitor)
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(self, _: &'static str, _: &'static [&'static str], visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_enum(self)
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Unreadable> {
        Err(Unreadable)
    }

    // What is in no policy.
    forward_to_deserialize_any! {
        i8 i128 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq map identifier ignored_any
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

/// Values that follow each other.
struct Values<'r, 'de> {
    reader: &'r mut Reader<'de>,
    left: usize,
}

impl<'de> SeqAccess<'de> for Values<'_, 'de> {
    type Error = Unreadable;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Unreadable> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        self.left = left;
        seed.deserialize(&mut *self.reader).map(Some)
    }
}

/// The name of no type, by which a [`Reader`] knows that all fields of a tuple are bytes. Others read them one by one.
const PLAIN: &str = "[u8]";

/// A field of bytes, for `deserialize_with`: as serde reads arrays, but a [`Reader`] takes them all at once.
pub(crate) fn bytes<'de, D: de::Deserializer<'de>, const N: usize>(deserializer: D) -> Result<[u8; N], D::Error> {
    struct Bytes<const N: usize>;

    impl<'de, const N: usize> Visitor<'de> for Bytes<N> {
        type Value = [u8; N];

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(formatter, "{N} bytes")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<[u8; N], A::Error> {
            let mut bytes = [0; N];
            for (index, byte) in bytes.iter_mut().enumerate() {
                *byte = values.next_element()?.ok_or_else(|| de::Error::invalid_length(index, &self))?;
            }
            Ok(bytes)
        }

        fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<[u8; N], E> {
            bytes.try_into().map_err(|_| E::invalid_length(bytes.len(), &self))
        }
    }

    deserializer.deserialize_tuple_struct(PLAIN, N, Bytes)
}

impl<'de> EnumAccess<'de> for &mut Reader<'de> {
    type Error = Unreadable;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Unreadable> {
        let variant = self.number32();
        Ok((seed.deserialize(variant.into_deserializer())?, self))
    }
}

impl<'de> VariantAccess<'de> for &mut Reader<'de> {
    type Error = Unreadable;

    fn unit_variant(self) -> Result<(), Unreadable> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Unreadable> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Unreadable> {
        de::Deserializer::deserialize_tuple(self, length, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Unreadable> {
        de::Deserializer::deserialize_tuple(self, fields.len(), visitor)
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("not the encoding of such a value")
    }
}

impl core::error::Error for Unreadable {}

impl de::Error for Unreadable {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

/// Writes values one after the other.
///
/// What there is no room for is counted and not written: whoever writes asks once whether all of it fits.
pub(crate) struct Writer<'a> {
    bytes: &'a mut [u8],
    length: usize,
}

/// No message has such a value.
#[derive(Debug)]
pub(crate) struct Unwritable;

impl<'a> Writer<'a> {
    pub(crate) fn into(bytes: &'a mut [u8]) -> Self {
        Self { bytes, length: 0 }
    }

    /// The bytes it takes to write what was put, whether there is room for them or not.
    pub(crate) const fn length(&self) -> usize {
        self.length
    }

    /// What was put. `None`: there is no room for all of it.
    pub(crate) fn written(self) -> Option<&'a [u8]> {
        self.bytes.get(..self.length)
    }

    /// What cannot be written, as no value of ours, takes more room than there is: nothing is [`written`](Self::written) then.
    pub(crate) fn put<T: Serialize + ?Sized>(&mut self, value: &T) {
        if value.serialize(&mut *self).is_err() {
            self.length = usize::MAX;
        }
    }

    /// Goes back to where so many bytes were written, to write on from there.
    pub(crate) const fn go_back(&mut self, length: usize) {
        self.length = length;
    }

    #[inline(never)]
    pub(crate) fn byte(&mut self, byte: u8) {
        if let Some(slot) = self.bytes.get_mut(self.length) {
            *slot = byte;
        }
        self.length = self.length.saturating_add(1);
    }

    /// Seven bits in a byte, the lowest first.
    #[inline(never)]
    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.byte(number as u8 | 0x80);
            number >>= 7;
        }
        self.byte(number as u8);
    }

    /// A number of few bits.
    #[inline(never)]
    fn short(&mut self, number: u32) {
        self.number(number.into());
    }

    /// A number with a sign, which becomes its lowest bit.
    #[inline(never)]
    fn signed(&mut self, number: i64) {
        self.number((number << 1 ^ number >> 63).cast_unsigned());
    }
}

macro_rules! writes {
    ($($serialize:ident $number:ty: $write:ident;)*) => {$(
        fn $serialize(self, number: $number) -> Result<(), Unwritable> {
            self.$write(number.into());
            Ok(())
        }
    )*};
}

macro_rules! never_written {
    ($($serialize:ident $value:ty;)*) => {$(
        fn $serialize(self, _: $value) -> Result<(), Unwritable> {
            Err(Unwritable)
        }
    )*};
}

impl ser::Serializer for &mut Writer<'_> {
    type Ok = ();
    type Error = Unwritable;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = Impossible<(), Unwritable>;
    type SerializeStruct = Self;
    type SerializeStructVariant = Self;

    writes! {
        serialize_bool bool: byte;
        serialize_u8 u8: byte;
        serialize_u16 u16: short;
        serialize_u32 u32: short;
        serialize_u64 u64: number;
        serialize_i16 i16: signed;
        serialize_i32 i32: signed;
        serialize_i64 i64: signed;
    }

    never_written! {
        serialize_i8 i8;
        serialize_f32 f32;
        serialize_f64 f64;
        serialize_char char;
        serialize_str &str;
        serialize_bytes &[u8];
        serialize_unit_struct &'static str;
    }

    fn serialize_unit(self) -> Result<(), Unwritable> {
        Err(Unwritable)
    }

    fn serialize_none(self) -> Result<(), Unwritable> {
        self.serialize_u8(0)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Unwritable> {
        self.byte(1);
        value.serialize(self)
    }

    fn serialize_unit_variant(self, _: &'static str, variant: u32, _: &'static str) -> Result<(), Unwritable> {
        self.serialize_u32(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Unwritable> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        variant: u32,
        _: &'static str,
        value: &T,
    ) -> Result<(), Unwritable> {
        self.short(variant);
        value.serialize(self)
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Self, Unwritable> {
        self.number(length.ok_or(Unwritable)? as u64);
        Ok(self)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self, Unwritable> {
        Ok(self)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self, Unwritable> {
        Ok(self)
    }

    fn serialize_tuple_variant(self, _: &'static str, variant: u32, _: &'static str, _: usize) -> Result<Self, Unwritable> {
        self.short(variant);
        Ok(self)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, Unwritable> {
        Err(Unwritable)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, Unwritable> {
        Ok(self)
    }

    fn serialize_struct_variant(self, _: &'static str, variant: u32, _: &'static str, _: usize) -> Result<Self, Unwritable> {
        self.short(variant);
        Ok(self)
    }

    fn collect_str<T: fmt::Display + ?Sized>(self, _: &T) -> Result<(), Unwritable> {
        Err(Unwritable)
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

macro_rules! one_after_the_other {
    ($($compound:ident $serialize:ident($($name:ty)?);)*) => {$(
        impl ser::$compound for &mut Writer<'_> {
            type Ok = ();
            type Error = Unwritable;

            fn $serialize<T: Serialize + ?Sized>(&mut self, $(_: $name,)? value: &T) -> Result<(), Unwritable> {
                value.serialize(&mut **self)
            }

            fn end(self) -> Result<(), Unwritable> {
                Ok(())
            }
        }
    )*};
}
one_after_the_other! {
    SerializeSeq serialize_element();
    SerializeTuple serialize_element();
    SerializeTupleStruct serialize_field();
    SerializeTupleVariant serialize_field();
    SerializeStruct serialize_field(&'static str);
    SerializeStructVariant serialize_field(&'static str);
}

impl fmt::Display for Unwritable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("no message has such a value")
    }
}

impl core::error::Error for Unwritable {}

impl ser::Error for Unwritable {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use core::fmt::Debug;

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
    use crate::report::{Event, Report};
    use crate::schedule::{Holiday, Layer, LocalSpan, Schedule, Span, TempOpenWindow};
    use crate::supervise::Due;
    use crate::sync::Acknowledgement;
    use crate::time::Instant;

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

    #[test]
    fn what_the_cloud_reads_is_what_postcard_writes() {
        let mut noise = Noise(2028);
        let numbers =
            [-1, i64::MIN, i64::MAX, 0, -64, 63, 64, 127, 128].map(|number| (number, number as u64, number as i16, number as u16));
        check_written(&numbers, &mut noise);
        check_written(&numbers[..3], &mut noise);
        check_written(&[(); 0][..], &mut noise);
        for event in Event::ALL {
            let due = |at| Due { at: Instant(at), report: Report { event: *event, ..Report::NOTHING } };
            check_written(&[due(1_800_000_000), due(i64::MIN)][..], &mut noise);
        }
    }
}
