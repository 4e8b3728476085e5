package main

import (
	_ "embed"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

//go:embed demo.yaml
var demoTextsYAML []byte

// demoTexts are the names, goals and comments to draw from.
type demoTexts struct {
	Given, Family []string // each in Cyrillic and Latin letters
	Goals         []struct {
		Title  survey.Text
		Levels map[string][5]string // by language
	}
	// Comments by what is asked and of whom, then by language.
	Comments map[string]map[string]struct{ First, Then []string }
}

func readDemoTexts() (demoTexts, error) {
	var t demoTexts
	if err := yaml.Unmarshal(demoTextsYAML, &t); err != nil {
		return t, fmt.Errorf("demo.yaml: %w", err)
	}
	return t, nil
}

// The attributes of the demonstration's people.
const (
	attrDepartment = "Підрозділ"
	attrLevel      = "Рівень"
	attrLocation   = "Місто"
	attrTenure     = "Стаж"
	attrGeneration = "Покоління"
)

func demoAttributes() []string {
	return []string{attrDepartment, attrLevel, attrLocation, attrTenure, attrGeneration}
}

// person is somebody in the simulation.
type person struct {
	program.Participant
	serial int
	pairs  []*couple // one after the other; none in the comparison group
	atRisk bool
	// common is what the levels on all scales share, traits the level on each,
	// keen what makes for answering: standard normal all of them.
	common, keen float64
	traits       map[string]float64
	// lastWave is the last wave in which the person is invited, and
	// leavesOrganisation why it is not the last of all.
	lastWave           int
	leavesOrganisation bool
}

// couple is a pair with its goals and what makes it get on with each of them.
type couple struct {
	program.Pair
	serial int
	atRisk bool
	goals  []program.Goal
	traits []float64 // by goal, standard normal
}

// works reports whether the pair works on a day.
func (c *couple) works(day time.Time) bool {
	return !c.From.After(day) && (c.To.IsZero() || c.To.After(day))
}

// cast is everybody in a demonstration programme.
type cast struct {
	people   []*person
	couples  []*couple
	snapshot program.Snapshot
}

// casting draws the people of a programme whose waves open on the given days.
type casting struct {
	demo  demoSize
	truth truth
	texts demoTexts
	prog  program.Program
	days  []time.Time // UTC midnight
	q     *survey.Questionnaire
	cast  cast
}

// stream is the random numbers for one purpose. They depend on the seed and the
// purpose alone, so who answers what does not depend on the order of drawing.
func (d demoSize) stream(purpose ...any) *rand.Rand {
	h := fnv.New64a()
	_, _ = fmt.Fprintln(h, purpose...) // a hash takes everything
	return rand.New(rand.NewPCG(d.Seed, h.Sum64()))
}

// draw draws pairs and comparison group. Nothing that happens to them is later
// than the last wave's first day, but that pairs meet.
func (c *casting) draw() cast {
	pairs := c.demo.pairs()
	for i := range pairs {
		rng := c.demo.stream("pair", i)
		department := c.department(i, pairs)
		mentor, mentee := c.person(rng, program.Mentor, department), c.person(rng, program.Mentee, department)
		c.couple(rng, i, mentor, mentee)
	}
	c.matchAgain()
	for i := range c.demo.Participants - 2*pairs {
		c.person(c.demo.stream("comparison", i), program.Comparison, c.department(i, c.demo.Participants-2*pairs))
	}
	for _, p := range c.cast.people {
		c.cast.snapshot.Participants = append(c.cast.snapshot.Participants, p.Participant)
	}
	return c.cast
}

// department gives every department its fifth, the one at risk too: its people
// are enough to be shown.
func (c *casting) department(i, of int) string {
	departments := []string{"ІТ", "Маркетинг", "Фінанси", "Виробництво", c.truth.AtRisk}
	return departments[i*len(departments)/of]
}

func (c *casting) person(rng *rand.Rand, role program.Role, department string) *person {
	n := len(c.cast.people) + 1
	given, givenLatin, _ := strings.Cut(pick(rng, c.texts.Given), " ")
	family, familyLatin, _ := strings.Cut(pick(rng, c.texts.Family), " ")
	p := &person{
		Participant: program.Participant{
			ProgramID: c.prog.ID, ExternalID: fmt.Sprintf("D-%04d", n), Name: given + " " + family,
			Email: fmt.Sprintf("%s.%s.%d@example.com", givenLatin, familyLatin, n),
			Role:  role, Language: "uk", Joined: c.days[0],
		},
		serial: n, common: rng.NormFloat64(), keen: rng.NormFloat64(), traits: map[string]float64{},
		atRisk: department == c.truth.AtRisk && role != program.Comparison, lastWave: len(c.days),
	}
	p.ID = program.ParticipantID(c.prog.ID, p.ExternalID, p.Email)
	if rng.Float64() < 0.15 {
		p.Language = "en"
	}
	for _, s := range c.q.Scales {
		p.traits[s.ID] = correlated(rng, p.common, c.truth.Common)
	}
	c.describe(rng, p, department)
	c.leave(rng, p)
	c.cast.people = append(c.cast.people, p)
	return p
}

// describe gives the person attributes that suit the role.
func (c *casting) describe(rng *rand.Rand, p *person, department string) {
	senior := p.Role == program.Mentee || p.Role == program.Comparison && rng.Float64() < 0.5
	levels, generations, fewest, most := []string{"Фахівці", "Старші фахівці"}, []string{"Покоління Z", "Покоління Z", "Міленіали"}, 0.2, 5.0
	if senior {
		levels, generations, fewest, most = []string{"Керівники відділів", "Вище керівництво"}, []string{"Покоління X", "Покоління X", "Міленіали"}, 4.0, 20.0
	}
	years := fewest + (most-fewest)*rng.Float64()
	p.EmployedFrom = c.days[0].AddDate(0, 0, -int(365.25*years))
	tenure := "Понад 10 років"
	switch {
	case years < 1:
		tenure = "До 1 року"
	case years < 3:
		tenure = "Від 1 до 3 років"
	case years < 10:
		tenure = "Від 3 до 10 років"
	}
	p.Attributes = map[string]string{
		attrDepartment: department, attrLevel: pick(rng, levels), attrGeneration: pick(rng, generations), attrTenure: tenure,
		attrLocation: pick(rng, []string{"Київ", "Київ", "Київ", "Львів", "Львів", "Дніпро"}),
	}
}

// leave draws between which waves, if any, the person leaves.
func (c *casting) leave(rng *rand.Rand, p *person) {
	programme := c.truth.LeavesProgramme
	switch {
	case p.Role == program.Comparison:
		programme = 0 // there is nothing to leave
	case p.atRisk:
		programme = c.truth.AtRiskLeavesProgramme
	}
	for wave := 1; wave < len(c.days); wave++ {
		organisation := c.truth.LeavesOrganisation[p.Role]
		chance := rng.Float64()
		if chance >= organisation+programme {
			continue
		}
		gap := int(c.days[wave].Sub(c.days[wave-1]).Hours() / 24)
		p.Left = c.days[wave-1].AddDate(0, 0, 1+rng.IntN(gap-1))
		p.lastWave = wave
		if chance < organisation {
			p.EmployedTo, p.leavesOrganisation = p.Left, true
		}
		return
	}
}

// couple makes the two a pair with two or three goals. It ends when one of them
// leaves.
func (c *casting) couple(rng *rand.Rand, i int, mentor, mentee *person) {
	pair := &couple{Pair: program.Pair{
		ID: program.PairID(c.prog.ID, mentor.ID, mentee.ID), ProgramID: c.prog.ID,
		Mentor: mentor.ID, Mentee: mentee.ID, From: c.days[0], To: earlier(mentor.Left, mentee.Left),
	}}
	both := rng.NormFloat64()
	first := rng.IntN(len(c.texts.Goals))
	for n := range 2 + i%2 {
		text := c.texts.Goals[(first+n)%len(c.texts.Goals)]
		code := fmt.Sprint(n + 1)
		baseline := int8(-1)
		if rng.Float64() < 0.3 {
			baseline = -2
		}
		pair.goals = append(pair.goals, program.Goal{
			ID: program.GoalID(pair.ID, code), ProgramID: c.prog.ID, Pair: pair.ID, Code: code,
			Title: text.Title.In(mentee.Language), Levels: text.Levels[mentee.Language], Weight: float64(3 - n), Baseline: baseline,
		})
		pair.traits = append(pair.traits, correlated(rng, both, 0.7))
	}
	c.join(pair, mentor, mentee)
}

// matchAgain makes pairs of mentors and mentees whose partner has left, on the
// day the last wave opens: they have no goals yet.
func (c *casting) matchAgain() {
	left := map[program.Role][]*person{}
	last := c.days[len(c.days)-1]
	for _, p := range c.cast.people {
		if p.Left.IsZero() && p.together(last) == nil {
			left[p.Role] = append(left[p.Role], p)
		}
	}
	for i := range min(len(left[program.Mentor]), len(left[program.Mentee])) {
		mentor, mentee := left[program.Mentor][i], left[program.Mentee][i]
		c.join(&couple{Pair: program.Pair{
			ID: program.PairID(c.prog.ID, mentor.ID, mentee.ID), ProgramID: c.prog.ID, Mentor: mentor.ID, Mentee: mentee.ID, From: last,
		}}, mentor, mentee)
	}
}

// join takes a pair of the two into the cast.
func (c *casting) join(pair *couple, mentor, mentee *person) {
	pair.serial, pair.atRisk = len(c.cast.couples)+1, mentor.atRisk && mentee.atRisk
	mentor.pairs, mentee.pairs = append(mentor.pairs, pair), append(mentee.pairs, pair)
	c.cast.couples = append(c.cast.couples, pair)
	c.cast.snapshot.Pairs = append(c.cast.snapshot.Pairs, pair.Pair)
	c.cast.snapshot.Goals = append(c.cast.snapshot.Goals, pair.goals...)
}

// together gives the person's pair that works on a day, or nil.
func (p *person) together(day time.Time) *couple {
	for _, pair := range p.pairs {
		if pair.works(day) {
			return pair
		}
	}
	return nil
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func pick[T any](rng *rand.Rand, from []T) T { return from[rng.IntN(len(from))] }
