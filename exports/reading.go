package exports

import (
	"mentorpulse/analytics"
)

// reading says in words what a figure and its change allow to say, the same as
// the owner's page does.
func (l words) reading(f analytics.Figure) string { return analytics.Reading(string(l), f) }
