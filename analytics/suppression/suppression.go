// Package suppression decides which figures about groups of people may be
// shown, so that nobody can read or compute a figure about fewer than k people.
//
// # The rule
//
// A plan is made from the people behind one measure of one wave, and says for
// every cell (everybody, a role, a value of a declared attribute, values of two
// of them, either within a role) whether it is shown. The plan depends on the people alone and
// not on what was asked before: every query, page and export of the same answers
// shows a part of the same plan, so no sequence of them shows more than the plan
// does. Answers that come in between make another plan; see below.
//
// Cells are admitted from the whole to its parts (roles, then values of one
// attribute, then of two) and, among parts, from the largest to the smallest. So
// what is shown of one attribute is the same whether two are combined or not. A cell is admitted when it has at least k people and
// when, with it, still no sum and difference of admitted cells is a figure
// about 1 to k−1 people. So a cell that is too small takes the next smallest of
// its siblings with it until those hidden together have at least k, and a
// filter whose remainder in its parent is 1 to k−1 people is refused with all
// its cells. This is complementary suppression of linked tables (Cox 1980,
// Fellegi 1972) with the linear algebra done exactly, over all attributes at
// once: a department that is all but two people of a location is hidden too.
//
// Changes of the same people between waves are admitted likewise, over the waves
// of a survey up to the one that changed, and the sizes of their effects after
// them: see [Panel]. Sums over several waves, such as of what those who left had
// answered last, are looked at beside all of that: see [Beside].
//
// # What it protects against
//
// Solving for the sum, the mean or the number of any group of fewer than k
// people by adding and subtracting shown cells of one wave and measure, over
// all roles and attributes together, and the changes of the same people between
// waves: all that is shown now, and all that was while each wave was the newest.
// What holds of a sum holds of the sum of squares, which an interval tells, since
// the same cells have both. With k up to 5 every group is
// checked; above that every single cell, every difference and overlap of two
// cells, and every group that the attributes divide into at most four kinds of
// people.
//
// # What it does not protect against
//
//   - What a person knows beforehand: somebody who knows the answers of others
//     in a group can subtract those.
//   - Bounds: a mean at the end of its scale tells what everybody answered.
//   - What follows from figures otherwise than by adding and subtracting. The exact
//     p of a permutation test, the interval of a bootstrap and reliability are each
//     one number about at least k people together and are no sums; they are taken
//     to tell nothing about one of them. In the extreme they do tell something of
//     all: the least p that is possible, that nobody changed in the other direction.
//   - How many came or went, where that is fewer than k and those who came and those
//     who went together are more: n of a level and of a change tell it. It is a
//     number of people and not what they answered.
//   - Time: an open wave that is read before and after a single answer. The
//     difference of the two readings is that answer, and closing the wave does
//     not take back what was read while it was open. Package analytics therefore
//     shows no segments of answers of an open wave ([Early]); the whole, the
//     roles and participation are live, and of them this remains possible. Act
//     on closed waves.
//   - An owner who makes people up. Who controls the roster, invents people and
//     keeps their links knows their answers and can subtract them: k−1 invented
//     people beside a real one make a group of k. No rule on numbers sees that;
//     only who may import the roster, and who looks at it, helps.
//   - That nobody, or everybody, of a group has answered, where numbers that are
//     shown add up to it, or where a rate of a group of k or more is 0 or 1.
//   - Measures over nearly the same people, as when one person skipped the
//     question of one measure: their numbers differ, which tells who skipped
//     how many, not what was answered.
//   - That a person's answers hardly change: the levels of two waves in which
//     nearly the same people answered differ by who came and went. No change of
//     such people is shown, but both levels are, and somebody who takes everybody
//     else's answers to be as before can guess.
//   - The roster. How many people are invited to a wave, and who joined and left
//     when, is what the owner wrote and knows by name. Numbers of people are
//     withheld like figures, so of one wave they tell of no group of fewer than k;
//     but those of two waves differ by whoever came or went between them, be it
//     one person. That tells what the roster says, and not what anybody has
//     answered, nor whether. Departures are published in steps of at least k: the
//     curve and the cohorts give no day on which a single person left.
//   - A day of leaving that is entered late or corrected. Who left is counted in
//     batches by that day, so it can move people from one batch to another, and
//     two readings then differ by those. An erasure does the same.
//   - Answers that change after they were reported: an import into a closed wave or
//     an erasure makes another panel of that wave, and of those that follow.
//   - A sum over several waves that was kept, beside changes that came after it: a
//     panel does not know of such sums.
//   - Attributes that were not declared, or people whose attributes an owner
//     changed between two waves in order to single somebody out.
package suppression

// Group is the people who share a role and all attribute values. Values run in
// parallel with the attributes of the plan. Role is empty where roles play no
// part.
type Group struct {
	Role   string
	Values []string
	N      int
}

// Cell is a set of people about whom a figure may be asked: Role "" for
// everybody, and the values that they share of up to two attributes. Cells are
// made by Whole and Segment.
type Cell struct {
	Role string
	Cuts [2]Cut
}

// Cut is the value of an attribute that the people of a cell share; the zero Cut
// stands for none.
type Cut struct {
	place int // of the attribute, from 1
	Value string
}

// By is a value of the attribute at a place, from 0.
func By(attribute int, value string) Cut { return Cut{attribute + 1, value} }

// Attribute is the place of the cut's attribute, from 0; −1 for the zero Cut.
func (c Cut) Attribute() int { return c.place - 1 }

// Whole is the cell of everybody, or of everybody in a role.
func Whole(role string) Cell { return Cell{Role: role} }

// Segment is the cell of those who share one value, or the values of two
// different attributes, in whichever order they are given.
func Segment(role string, cuts ...Cut) Cell {
	c := Cell{Role: role}
	copy(c.Cuts[:], cuts)
	if one, two := c.Cuts[0], c.Cuts[1]; two.place > 0 && two.place < one.place {
		c.Cuts[0], c.Cuts[1] = two, one
	}
	return c
}

// IsWhole reports whether the cell is cut by no attribute.
func (c Cell) IsWhole() bool { return c.Cuts == [2]Cut{} }

// Has reports whether a group is part of the cell.
func (c Cell) Has(g Group) bool {
	if c.Role != "" && c.Role != g.Role {
		return false
	}
	for _, cut := range c.Cuts {
		if cut.place > 0 && g.Values[cut.place-1] != cut.Value {
			return false
		}
	}
	return true
}

// Verdict says what is done with a cell.
type Verdict int

const (
	// Shown: the figure and its n may be shown.
	Shown Verdict = iota
	// Empty: there is nobody, and that may be said.
	Empty
	// TooFew: 1 to k−1 people.
	TooFew
	// Remainder: enough people, but the figure would reveal one about 1 to k−1
	// others by subtraction.
	Remainder
	// Early: a segment of a wave that is still open. A plan, which knows no time,
	// never gives it.
	Early
)

// Comparable reports whether a segment may be compared between two waves:
// different people, who are in only one of the two, must be none or at least k.
func Comparable(different, k int) bool { return different == 0 || different >= k }
