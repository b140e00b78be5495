#include "request.h"

enum { FLAG_REMOTE = 1, FLAG_IN_ALARM = 2, FLAG_ARMED_BY_IS_GIVEN = 4 };
enum { FLAG_ANSWERS_REQUEST = 2, FLAG_CLOSED = 4 };
enum {
  KNOWN_FLAGS = 7,
  /* Bytes of what was typed that are looked at: a longer text is nobody's, whatever it says. */
  LONGEST_TYPED = 40
};

kh_who who_asks(kh_who_kind kind, uint32_t user, const uint8_t *typed, size_t length) {
  kh_who who = {0};
  const bool is_nobody = (user == 0u) || (user > KH_LARGEST_USER);
  who.kind = kind;
  who.typed = typed;
  who.typed_length = (length < LONGEST_TYPED) ? length : LONGEST_TYPED;
  who.user = is_nobody ? 0u : (uint16_t)user;
  /* The library refuses to be asked about a number that nobody can have. But here a person has typed it, and that has to count as a wrong code does. */
  if (is_nobody && (kind == KH_WHO_USER_AND_CODE)) {
    who.kind = KH_WHO_CODE;
    who.typed_length = 0;
  } else if (is_nobody && (kind == KH_WHO_USER_AND_PASSCODE)) {
    who.kind = KH_WHO_PASSCODE;
    who.typed_length = 0;
  } else {
    /* As it was asked. */
  }
  return who;
}

static void take_areas(struct fields *fields, kh_area_list *areas) {
  size_t system;
  for (system = 0; system < KH_SYSTEMS; system++) {
    areas->systems[system] = take_u32(fields);
  }
}

static void take_four(struct fields *fields, uint16_t numbers[4]) {
  size_t index;
  for (index = 0; index < 4u; index++) {
    numbers[index] = take_u16(fields);
  }
}

static bool take_flag(struct fields *fields, bool *flag) {
  const uint8_t number = take_u8(fields);
  *flag = number == 1u;
  return number <= 1u;
}

static bool read_open_close(struct fields *fields, struct request *request) {
  kh_open_close *asked = &request->of.open_close.asked;
  const kh_who_kind who = take_u8(fields);
  uint8_t flags;
  uint16_t user;
  uint16_t armed_by;
  asked->action = take_u8(fields);
  asked->place.system = take_u8(fields);
  flags = take_u8(fields);
  user = take_u16(fields);
  armed_by = take_u16(fields);
  asked->place.areas = take_u32(fields);
  asked->remote = (flags & FLAG_REMOTE) != 0;
  asked->in_alarm = (flags & FLAG_IN_ALARM) != 0;
  request->of.open_close.armed_by_is_given = (flags & FLAG_ARMED_BY_IS_GIVEN) != 0;
  /* A number that nobody can have armed nothing. */
  asked->armed_by = (armed_by > KH_LARGEST_USER) ? 0u : armed_by;
  asked->who = who_asks(who, user, fields->next, fields->left);
  /* A flag that nobody knows might take something away: a message that has one is not understood. */
  return !fields->is_short && (flags <= KNOWN_FLAGS);
}

static bool read_act(struct fields *fields, struct request *request) {
  kh_act *act = &request->of.act;
  const kh_who_kind who = take_u8(fields);
  uint8_t flags;
  uint16_t user;
  uint16_t hours[4];
  act->kind = take_u8(fields);
  flags = take_u8(fields);
  act->place.system = take_u8(fields);
  user = take_u16(fields);
  act->target = take_u16(fields);
  act->minutes = take_u16(fields);
  act->schedule = take_u8(fields);
  (void)take_u8(fields);
  act->place.areas = take_u32(fields);
  act->date = take_i32(fields);
  act->engineer = take_u32(fields);
  act->grant = take_u32(fields);
  take_areas(fields, &act->areas);
  take_four(fields, hours);
  act->span.opens_from = hours[0];
  act->span.must_be_open_by = hours[1];
  act->span.closes_from = hours[2];
  act->span.must_be_closed_by = hours[3];
  act->remote = (flags & FLAG_REMOTE) != 0;
  act->answers_request = (flags & FLAG_ANSWERS_REQUEST) != 0;
  act->closed = (flags & FLAG_CLOSED) != 0;
  act->who = who_asks(who, user, fields->next, fields->left);
  return !fields->is_short && (flags <= KNOWN_FLAGS);
}

static bool read_part(struct fields *fields, struct request *request) {
  request->of.blob.offset = take_u32(fields);
  request->of.blob.bytes = fields->next;
  request->of.blob.length = fields->left;
  return !fields->is_short && (fields->left >= 1u) && (fields->left <= LONGEST_PART);
}

bool request_read(uint8_t kind, const struct payload *payload, struct request *request) {
  static const struct request empty;
  struct fields fields = fields_of(payload->bytes, payload->length);
  bool is_understood = true;
  *request = empty;
  request->kind = kind;
  switch (kind) {
    case QUESTION_OPEN_CLOSE:
      return read_open_close(&fields, request);
    case QUESTION_ACT:
      return read_act(&fields, request);
    case QUESTION_BLOB_BEGIN:
      request->of.blob.bytes = payload->bytes;
      request->of.blob.length = payload->length;
      return true;
    case QUESTION_BLOB_PART:
      return read_part(&fields, request);
    case QUESTION_CLOCK:
      request->of.clock.time = take_i64(&fields);
      is_understood = take_flag(&fields, &request->of.clock.is_held);
      break;
    case QUESTION_ENGINEER:
      request->of.engineer.engineer = take_u32(&fields);
      request->of.engineer.site = take_u32(&fields);
      request->of.engineer.capabilities = take_u16(&fields);
      break;
    case QUESTION_BEGIN_SESSION:
    case QUESTION_END_SESSION:
      request->of.session.engineer = take_u32(&fields);
      request->of.session.site = take_u32(&fields);
      break;
    case QUESTION_UPDATE:
      request->of.update.engineer = take_u32(&fields);
      request->of.update.site = take_u32(&fields);
      take_four(&fields, request->of.update.version);
      take_four(&fields, request->of.update.installed);
      take_bytes(&fields, request->of.update.model, sizeof request->of.update.model);
      take_bytes(&fields, request->of.update.image, sizeof request->of.update.image);
      break;
    case QUESTION_SUPERVISE:
      is_understood = take_flag(&fields, &request->of.supervise.armed_is_given);
      take_areas(&fields, &request->of.supervise.armed);
      break;
    case QUESTION_REPORT:
      request->of.report.offset = take_u16(&fields);
      break;
    case QUESTION_STATE:
    case QUESTION_BLOB_END:
      break;
    default:
      return false;
  }
  return is_understood && fields_end(&fields);
}
