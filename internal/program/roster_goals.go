package program

import (
	"strconv"

	"github.com/google/uuid"

	"mentorpulse/internal/table"
)

const (
	defaultWeight = 1
	// defaultBaseline: the level of a goal at the start when nobody rated it
	// (Turner-Stokes 2009: −1 unless no worse outcome is possible).
	defaultBaseline = -1
	maxGoals        = 9
)

// readGoals notes a row's cells about goals and checks each by itself.
func (r *rosterReader) readGoals(e *entry) {
	for key, column := range r.layout.goals {
		cell := e.row.Cell(column)
		if cell.Empty() {
			continue
		}
		e.goals[key] = cell
		switch key.part {
		case goalWeight:
			if w, err := table.ParseNumber(cell); err != nil || w <= 0 || w > 1000 {
				r.add(cell, "", BadWeight)
			}
		case goalBaseline:
			if _, ok := parseLevel(cell.Text); !ok {
				r.add(cell, "", BadLevel)
			}
		default:
			r.bounded(cell, MaxLongText)
		}
	}
}

func (r *rosterReader) refuseGoalsWithoutPair(e *entry) {
	for number := 1; number <= maxGoals; number++ {
		if cell, ok := e.goals[goalKey{number: number}]; ok {
			r.add(cell, "", GoalWithoutPair)
		}
	}
}

// goals makes the goals of a pair from what its two rows say.
func (r *rosterReader) goals(pair uuid.UUID, mentor, mentee *entry) []Goal {
	var goals []Goal
	for number := 1; number <= maxGoals; number++ {
		code := strconv.Itoa(number)
		g := Goal{
			ID: GoalID(pair, code), ProgramID: r.program.ID, Pair: pair, Code: code,
			Weight: defaultWeight, Baseline: defaultBaseline,
		}
		title, stated := r.agreedCell(goalKey{number, goalTitle}, mentor, mentee)
		g.Title = oneLine(title.Text)
		var orphan table.Cell
		if cell, ok := r.agreedCell(goalKey{number, goalWeight}, mentor, mentee); ok {
			orphan = cell
			if w, err := table.ParseNumber(cell); err == nil {
				g.Weight = w
			}
		}
		if cell, ok := r.agreedCell(goalKey{number, goalBaseline}, mentor, mentee); ok {
			orphan = cell
			if level, ok := parseLevel(cell.Text); ok {
				g.Baseline = level
			}
		}
		for level := range g.Levels {
			if cell, ok := r.agreedCell(goalKey{number, goalLevel0 + goalPart(level-2)}, mentor, mentee); ok {
				orphan = cell
				g.Levels[level] = oneLine(cell.Text)
			}
		}
		switch {
		case stated:
			goals = append(goals, g)
		case !orphan.Empty():
			r.add(orphan, "", GoalWithoutTitle).Limit = number
		}
	}
	return goals
}

// agreedCell is the cell that either row fills; when both do, they must say the
// same.
func (r *rosterReader) agreedCell(key goalKey, mentor, mentee *entry) (table.Cell, bool) {
	a, inA := mentor.goals[key]
	b, inB := mentee.goals[key]
	if inA && inB && !sameGoalCell(key.part, a, b) {
		r.disagreement(a, b, "")
	}
	if inA {
		return a, true
	}
	return b, inB
}

func sameGoalCell(part goalPart, a, b table.Cell) bool {
	switch part {
	case goalWeight:
		x, errX := table.ParseNumber(a)
		y, errY := table.ParseNumber(b)
		return errX != nil || errY != nil || x == y // not numbers: reported already
	case goalBaseline:
		x, okX := parseLevel(a.Text)
		y, okY := parseLevel(b.Text)
		return !okX || !okY || x == y
	}
	return oneLine(a.Text) == oneLine(b.Text)
}
