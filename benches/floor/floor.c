/* The straightforward lookup of src/floor.rs once more, as somebody would write it in C. The structures are declared there too. */

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { DAY = 1440 };

enum permission {
    SUSPENDED = 1 << 0, WITH_SCHEDULE = 1 << 1, WITHIN_TEMP_OPEN = 1 << 2, ANYTIME = 1 << 3, DURESS = 1 << 12,
    GUEST = 1 << 13, REMOTE_ONLY = 1 << 14, POWERLESS = 1 << 15,
};
enum option { REPORT_ONLY = 1 << 0, NEVER_REFUSE_CLOSING = 1 << 1, OPEN_IN_ALARM = 1 << 2 };
enum limit { UNLIMITED, ONCE, ONCE_PER_DAY, MINUTES_FROM_FIRST_USE };
enum kind { PERMANENT, ALTERNATE, HOLIDAY, TEMPORARY };
enum verdict { DENY, ALLOW_WITH_VIOLATION, ALLOW };
enum reason {
    BY_ANYTIME = 1, WITHIN_HOURS = 2, WITHIN_WINDOW = 3, LOCKED_OUT = 16, UNKNOWN_CODE, UNKNOWN_USER, IS_SUSPENDED, NOT_YET_VALID,
    EXPIRED, TIME_UNKNOWN, IS_POWERLESS, IS_REMOTE_ONLY, USED_UP, AREA_NOT_ASSIGNED, NOT_ARMED_BY_YOU, NO_PERMISSION, OUTSIDE_SCHEDULE,
    OUTSIDE_TEMP_OPEN,
};
enum event {
    NOTHING, OPENING, EARLY_OPENING, LATE_OPENING, UNSCHEDULED_OPENING, EARLY_OPENING_FROM_ALARM, LATE_OPENING_FROM_ALARM, CLOSING,
    EARLY_CLOSING, LATE_CLOSING, UNSCHEDULED_CLOSING, UNDER_DURESS, UNKNOWN_DENIED = 16, KNOWN_DENIED, TIME_DENIED, LEVEL_DENIED,
    LEGAL_CODE_ENTRY, WRONG_CODES,
};

struct contact {
    uint16_t user, permissions;
    uint8_t limit, areas;
    uint16_t minutes;
    int64_t from, until;
    uint8_t used;
    int64_t first_use;
    int32_t opened_on;
};
struct layer { uint8_t schedule, kind, groups; int32_t from, until; };
struct span { uint8_t layer, weekdays; uint16_t opens_from, must_be_open_by, closes_from, must_be_closed_by; };
struct holiday { uint16_t year; uint8_t month, day, group; };
struct window { uint8_t areas, weekdays; int32_t from_date, until_date; uint16_t from, until; };
struct credential { uint8_t digest[8]; uint16_t user; };
struct change { uint8_t month, week, weekday; int16_t minute; };

struct site {
    int16_t standard, daylight;
    struct change starts, ends;
    uint32_t areas[8];
    uint8_t options;
    uint16_t early_margin, late_margin;
    uint8_t wrong_code_limit;
    uint16_t lockout_seconds;
    uint8_t wrong;
    int64_t locked_until;
    const uint32_t (*lists)[8];
    const uint8_t *schedules;
    const struct layer *layers;
    const struct span *spans;
    const struct holiday *holidays;
    const struct window *windows;
    struct contact *contacts;
    const struct credential *codes;
    uint16_t schedule_count, layer_count, span_count, holiday_count, window_count, contact_count, code_count;
};

struct request {
    uint8_t by_code, has_user, opening, remote, in_alarm, time_known, system;
    uint16_t user, armed_by;
    uint8_t digest[8];
    uint32_t areas;
    int64_t now;
};
struct answer { uint8_t verdict, reason, event; };
struct clock { int32_t date, minute; };

static struct answer answer(enum verdict verdict, enum reason reason, enum event event) {
    return (struct answer){ (uint8_t)verdict, (uint8_t)reason, (uint8_t)event };
}

static int floor_div(int a, int b) { return a >= 0 ? a / b : -((b - 1 - a) / b); }

static int32_t days_from_civil(int year, int month, int day) {
    year -= month <= 2;
    int era = year / 400, of_era = year - era * 400;
    int of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static void civil_from_days(int32_t days, int *year, int *month, int *day) {
    days += 719468;
    int era = days / 146097, of_era = days - era * 146097;
    int y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int of_year = of_era - (365 * y + y / 4 - y / 100);
    int m = (5 * of_year + 2) / 153;
    *day = of_year - (153 * m + 2) / 5 + 1;
    *month = m < 10 ? m + 3 : m - 9;
    *year = y + era * 400 + (*month <= 2);
}

/* 0 = Monday */
static int weekday(int32_t date) { int day = (date + 3) % 7; return day < 0 ? day + 7 : day; }

static int32_t change_minute(const struct change *change, int year) {
    int32_t first = days_from_civil(year, change->month, 1);
    int wait = (change->weekday + 6 - weekday(first) + 7) % 7;
    int32_t day = first + wait + 7 * (change->week - 1);
    int32_t next = change->month == 12 ? days_from_civil(year + 1, 1, 1) : days_from_civil(year, change->month + 1, 1);
    if (day >= next) day -= 7;
    return day * DAY + change->minute;
}

static struct clock wall_clock(const struct site *site, int64_t now) {
    int32_t minute = (int32_t)(now / 60), offset = site->standard;
    if (site->standard != site->daylight) {
        int year, month, day;
        civil_from_days(floor_div(minute + offset, DAY), &year, &month, &day);
        int32_t starts = change_minute(&site->starts, year) - site->standard;
        int32_t ends = change_minute(&site->ends, year) - site->daylight;
        if (starts < ends ? starts <= minute && minute < ends : minute < ends || starts <= minute) offset = site->daylight;
    }
    int32_t local = minute + offset, date = floor_div(local, DAY);
    return (struct clock){ date, local - date * DAY };
}

static bool covers(const uint32_t *list, const struct request *request) { return !(request->areas & ~list[request->system - 1]); }

static bool names(const struct site *site, const struct layer *layer, int32_t date) {
    if (layer->kind == PERMANENT) return true;
    if (layer->kind != HOLIDAY) return layer->from <= date && date < layer->until;
    int year, month, day;
    civil_from_days(date, &year, &month, &day);
    for (int i = 0; i < site->holiday_count; i++) {
        const struct holiday *holiday = &site->holidays[i];
        if (holiday->month == month && holiday->day == day && (holiday->year == 0 || holiday->year == year) &&
            layer->groups >> holiday->group & 1)
            return true;
    }
    return false;
}

static int kind_on(const struct site *site, int schedule, int32_t date) {
    int kind = -1;
    for (int i = 0; i < site->layer_count; i++) {
        const struct layer *layer = &site->layers[i];
        if (layer->schedule == schedule && layer->kind > kind && names(site, layer, date)) kind = layer->kind;
    }
    return kind;
}

enum standing { OUTSIDE, NEAR, INSIDE, INSIDE_OFF_TIME };

static enum standing standing(const struct site *site, int schedule, bool opening, struct clock now) {
    bool near = false, inside = false, off_time = false;
    int last_end = 0;
    static const int shifts[] = { 0, 1, -1 };
    for (int s = 0; s < 3; s++) {
        int32_t date = now.date - shifts[s], minute = now.minute + shifts[s] * DAY;
        int kind = kind_on(site, schedule, date);
        if (kind < 0) continue;
        for (int i = 0; i < site->span_count; i++) {
            const struct span *span = &site->spans[i];
            const struct layer *layer = &site->layers[span->layer - 1];
            if (layer->schedule != schedule || layer->kind != kind || !(span->weekdays >> weekday(date) & 1) || !names(site, layer, date))
                continue;
            int opens = span->opens_from, closed = span->must_be_closed_by, end = closed - shifts[s] * DAY;
            if (opens <= minute && minute < closed) {
                if (!inside || last_end < end) {
                    inside = true;
                    last_end = end;
                    off_time = opening ? minute >= span->must_be_open_by : minute < span->closes_from;
                }
            } else if (opening) {
                near |= minute < opens && opens - minute <= site->early_margin;
            } else {
                near |= closed <= minute && minute < closed + site->late_margin;
            }
        }
    }
    if (inside) return off_time ? INSIDE_OFF_TIME : INSIDE;
    return near ? NEAR : OUTSIDE;
}

static enum event classify(const struct site *site, const struct request *request, struct clock now, bool *all_inside) {
    bool inside = true, off_time = false, near = true;
    for (int area = 0; area < 32; area++) {
        if (!(request->areas >> area & 1)) continue;
        enum standing is = OUTSIDE;
        for (int i = 0; i < site->schedule_count; i++) {
            int list = site->schedules[i];
            if (list && site->lists[list - 1][request->system - 1] >> area & 1) {
                is = standing(site, i + 1, request->opening, now);
                break;
            }
        }
        off_time |= is == INSIDE_OFF_TIME;
        if (is < INSIDE) inside = false;
        if (is == OUTSIDE) near = false;
    }
    *all_inside = inside;
    if (request->opening) {
        if (inside) return !off_time ? OPENING : request->in_alarm ? LATE_OPENING_FROM_ALARM : LATE_OPENING;
        return !near ? UNSCHEDULED_OPENING : request->in_alarm ? EARLY_OPENING_FROM_ALARM : EARLY_OPENING;
    }
    if (inside) return off_time ? EARLY_CLOSING : CLOSING;
    return near ? LATE_CLOSING : UNSCHEDULED_CLOSING;
}

static bool in_window(const struct site *site, const struct request *request, struct clock now) {
    for (int i = 0; i < site->window_count; i++) {
        const struct window *window = &site->windows[i];
        if (!covers(site->lists[window->areas - 1], request)) continue;
        for (int shift = 0; shift <= 1; shift++) {
            int32_t date = now.date - shift, minute = now.minute + shift * DAY;
            if (window->weekdays >> weekday(date) & 1 && window->from_date <= date && date < window->until_date &&
                window->from <= minute && minute < window->until)
                return true;
        }
    }
    return false;
}

static struct answer judge(const struct site *site, const struct contact *contact, const struct request *request, struct clock now) {
    enum event normal = request->opening ? OPENING : CLOSING, event = normal;
    bool inside = false;
    if (contact->permissions & ANYTIME) {
        if (request->time_known) event = classify(site, request, now, &inside);
        return answer(ALLOW, BY_ANYTIME, event);
    }
    if (request->time_known) {
        event = classify(site, request, now, &inside);
        if (contact->permissions & WITH_SCHEDULE && inside) return answer(ALLOW, WITHIN_HOURS, event);
        if (contact->permissions & WITHIN_TEMP_OPEN && in_window(site, request, now)) return answer(ALLOW, WITHIN_WINDOW, normal);
    }
    if (!(contact->permissions & (WITH_SCHEDULE | WITHIN_TEMP_OPEN | ANYTIME))) return answer(DENY, NO_PERMISSION, LEVEL_DENIED);
    bool closing_excused = !request->opening && site->options & NEVER_REFUSE_CLOSING;
    if (!request->time_known)
        return closing_excused ? answer(ALLOW_WITH_VIOLATION, TIME_UNKNOWN, normal) : answer(DENY, TIME_UNKNOWN, TIME_DENIED);
    enum reason outside = contact->permissions & WITH_SCHEDULE ? OUTSIDE_SCHEDULE : OUTSIDE_TEMP_OPEN;
    bool alarm_excused = request->opening && request->in_alarm && site->options & OPEN_IN_ALARM;
    if (site->options & REPORT_ONLY || closing_excused || alarm_excused) return answer(ALLOW_WITH_VIOLATION, outside, event);
    return answer(DENY, outside, TIME_DENIED);
}

struct answer floor_open_close(struct site *site, const struct request *request) {
    uint16_t user = request->user;
    if (request->by_code) {
        if (request->time_known && request->now < site->locked_until) return answer(DENY, LOCKED_OUT, NOTHING);
        uint16_t owner = 0;
        for (int i = 0; i < site->code_count; i++) {
            if (!memcmp(site->codes[i].digest, request->digest, 8)) {
                owner = site->codes[i].user;
                break;
            }
        }
        if (!owner || (request->has_user && owner != user)) {
            if (++site->wrong < site->wrong_code_limit) return answer(DENY, UNKNOWN_CODE, UNKNOWN_DENIED);
            site->wrong = 0;
            if (request->time_known) site->locked_until = request->now + site->lockout_seconds;
            return answer(DENY, UNKNOWN_CODE, WRONG_CODES);
        }
        site->wrong = 0;
        user = owner;
    }
    struct contact *contact = NULL;
    for (int low = 0, high = site->contact_count; low < high;) {
        int middle = (low + high) / 2;
        if (site->contacts[middle].user == user) {
            contact = &site->contacts[middle];
            break;
        }
        if (site->contacts[middle].user < user) low = middle + 1;
        else high = middle;
    }
    if (!contact) return answer(DENY, UNKNOWN_USER, UNKNOWN_DENIED);
    struct clock now = { 0, 0 };
    if (request->time_known) now = wall_clock(site, request->now);
    if (contact->permissions & SUSPENDED) return answer(DENY, IS_SUSPENDED, KNOWN_DENIED);
    if (!request->time_known) {
        if (contact->from != INT64_MIN || contact->until != INT64_MAX) return answer(DENY, TIME_UNKNOWN, TIME_DENIED);
    } else {
        if (request->now < contact->from) return answer(DENY, NOT_YET_VALID, KNOWN_DENIED);
        if (request->now >= contact->until) return answer(DENY, EXPIRED, KNOWN_DENIED);
    }
    if (contact->permissions & POWERLESS) return answer(DENY, IS_POWERLESS, LEGAL_CODE_ENTRY);
    if (contact->permissions & REMOTE_ONLY && !request->remote) return answer(DENY, IS_REMOTE_ONLY, KNOWN_DENIED);
    bool per_day = contact->limit == ONCE_PER_DAY && request->opening;
    if (!request->time_known && (per_day || contact->limit == MINUTES_FROM_FIRST_USE)) return answer(DENY, TIME_UNKNOWN, TIME_DENIED);
    if (contact->limit == ONCE && contact->used) return answer(DENY, USED_UP, KNOWN_DENIED);
    if (per_day && contact->opened_on >= now.date) return answer(DENY, USED_UP, KNOWN_DENIED);
    if (contact->limit == MINUTES_FROM_FIRST_USE && contact->used && request->now >= contact->first_use + contact->minutes * 60)
        return answer(DENY, USED_UP, KNOWN_DENIED);
    if ((contact->areas && !covers(site->lists[contact->areas - 1], request)) || !covers(site->areas, request))
        return answer(DENY, AREA_NOT_ASSIGNED, LEVEL_DENIED);
    if (contact->permissions & GUEST && request->opening && request->armed_by != contact->user)
        return answer(DENY, NOT_ARMED_BY_YOU, LEVEL_DENIED);
    struct answer answered = judge(site, contact, request, now);
    if (answered.verdict != DENY) {
        if (contact->limit != UNLIMITED) {
            if (!contact->used && request->time_known) contact->first_use = request->now;
            contact->used = 1;
            if (request->opening && request->time_known) contact->opened_on = now.date;
        }
        if (contact->permissions & DURESS) answered.event = UNDER_DURESS;
    }
    return answered;
}
