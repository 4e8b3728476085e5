package survey

import "time"

// The occasions on which a channel is told of a wave.
const (
	occasionOpen    = "open"
	occasionClosing = "closing"
)

const (
	// lastCall is how long there still must be when it is.
	lastCall = 6 * time.Hour
	// betweenNotices is the least time between the two notices of a wave: one that
	// is open for a day has only the first.
	betweenNotices = 24 * time.Hour
)

// chatTimes is when a channel is told that a wave is open, and that it closes
// soon; zero for never. The night is that of the wave's reminders, by the
// programme's clock, and so is the time of day at which is said what fell in it,
// and that a wave closes. Times are in zone, where a day may have 23 or 25 hours.
func chatTimes(w Wave, night hours, zone *time.Location) (open, closing time.Time) {
	opens, closes := w.Opens.In(zone), w.Closes.In(zone)
	open = opens
	if night.quiet(sinceMidnight(opens)) {
		open = night.day(wallClock(opens), zone).In(zone)
	}
	if !open.Before(closes) {
		return time.Time{}, time.Time{}
	}
	last := wallClock(closes).Truncate(24 * time.Hour).Add(night.at)
	closing = instant(last, zone).In(zone)
	if closes.Sub(closing) < lastCall {
		closing = instant(last.AddDate(0, 0, -1), zone).In(zone)
	}
	// A zone may have skipped the day before.
	if closing.Sub(open) < betweenNotices || closes.Sub(closing) < lastCall {
		closing = time.Time{}
	}
	return open, closing
}

// chatDue is the occasion that a channel is to be told of at a time, and since
// when it is due; empty for none. Once a wave is about to close, that it has
// opened is no news.
func chatDue(w Wave, night hours, zone *time.Location, now time.Time) (occasion string, due time.Time) {
	if !w.Open(now) || night.quiet(sinceMidnight(now.In(zone))) {
		return "", time.Time{}
	}
	open, closing := chatTimes(w, night, zone)
	switch {
	case !closing.IsZero() && !now.Before(closing):
		return occasionClosing, closing
	case !open.IsZero() && !now.Before(open):
		return occasionOpen, open
	}
	return "", time.Time{}
}
