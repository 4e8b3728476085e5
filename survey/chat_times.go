package survey

import "time"

// The occasions on which a channel is told of a wave.
const (
	occasionOpen    = "open"
	occasionClosing = "closing"
)

const (
	// Between these hours of the programme's clock a channel is left in peace.
	chatNight, chatMorning = 21, 8
	// chatHour is when that a wave closes is said, and what fell in the night.
	chatHour = 9
	// lastCall is how long there still must be when it is.
	lastCall = 6 * time.Hour
	// betweenNotices is the least time between the two notices of a wave: one that
	// is open for a day has only the first.
	betweenNotices = 24 * time.Hour
)

func atNight(t time.Time) bool { return t.Hour() >= chatNight || t.Hour() < chatMorning }

// chatTimes is when a channel is told that a wave is open, and that it closes
// soon; zero for never. Times are in zone, where a day may have 23 or 25 hours.
func chatTimes(w Wave, zone *time.Location) (open, closing time.Time) {
	opens, closes := w.Opens.In(zone), w.Closes.In(zone)
	on := func(t time.Time, days int) time.Time {
		return time.Date(t.Year(), t.Month(), t.Day()+days, chatHour, 0, 0, 0, zone)
	}
	open = opens
	if atNight(opens) {
		open = on(opens, 0)
		if open.Before(opens) {
			open = on(opens, 1)
		}
	}
	if !open.Before(closes) {
		return time.Time{}, time.Time{}
	}
	closing = on(closes, 0)
	if closes.Sub(closing) < lastCall {
		closing = on(closes, -1)
	}
	if closing.Sub(open) < betweenNotices {
		closing = time.Time{}
	}
	return open, closing
}

// chatDue is the occasion that a channel is to be told of at a time, and since
// when it is due; empty for none. Once a wave is about to close, that it has
// opened is no news.
func chatDue(w Wave, zone *time.Location, now time.Time) (occasion string, due time.Time) {
	if !w.Open(now) || atNight(now.In(zone)) {
		return "", time.Time{}
	}
	open, closing := chatTimes(w, zone)
	switch {
	case !closing.IsZero() && !now.Before(closing):
		return occasionClosing, closing
	case !open.IsZero() && !now.Before(open):
		return occasionOpen, open
	}
	return "", time.Time{}
}
