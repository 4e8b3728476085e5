package survey

import (
	"time"
)

// ChangeError says why a change of the schedule is refused, to whoever asked.
// Nothing was stored.
type ChangeError struct {
	Code string // such as "overlap"; see the messages that begin with schedule-
	// with are names and values for the message: a time.Time is a moment in the
	// programme's zone, a date that of a wave or a day.
	with []any
}

// date is a day as people are told it.
type date string

func refuse(code string, with ...any) *ChangeError { return &ChangeError{code, with} }

func (e *ChangeError) Error() string { return e.Message("en") }

// Title names the problem in a language.
func (e *ChangeError) Title(lang string) string { return texts().T(lang, "schedule-"+e.Code) }

// Message says what is wrong and what to do.
func (e *ChangeError) Message(lang string) string {
	with := make([]any, len(e.with))
	for i, value := range e.with {
		switch v := value.(type) {
		case time.Time:
			with[i] = moment(lang, v)
		case date:
			with[i] = string(v)
			if day, err := time.Parse(dateLayout, string(v)); err == nil {
				with[i] = writtenDay(lang, day)
			}
		default:
			with[i] = v
		}
	}
	return texts().T(lang, "schedule-"+e.Code+"-detail", with...)
}
