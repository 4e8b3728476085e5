// Package suppression decides which figures about groups of people may be
// shown, so that nobody can read or compute a figure about fewer than k people.
//
// # The rule
//
// A plan is made from the people behind one measure of one wave, and says for
// every cell (everybody, a role, a value of a declared attribute, a value
// within a role) whether it is shown. The plan depends on the people alone and
// not on what was asked before: every query, page and export of the same answers
// shows a part of the same plan, so no sequence of them shows more than the plan
// does. Answers that come in between make another plan; see below.
//
// Cells are admitted from the whole to its parts and, among parts, from the
// largest to the smallest. A cell is admitted when it has at least k people and
// when, with it, still no sum and difference of admitted cells is a figure
// about 1 to k−1 people. So a cell that is too small takes the next smallest of
// its siblings with it until those hidden together have at least k, and a
// filter whose remainder in its parent is 1 to k−1 people is refused with all
// its cells. This is complementary suppression of linked tables (Cox 1980,
// Fellegi 1972) with the linear algebra done exactly, over all attributes at
// once: a department that is all but two people of a location is hidden too.
//
// # What it protects against
//
// Solving for the sum, the mean or the number of any group of fewer than k
// people by adding and subtracting shown cells of one wave and measure, over
// all roles and attributes together, as they stand at one time. With k up to 5 every group is
// checked; above that every single cell, every difference and overlap of two
// cells, and every group that the attributes divide into at most four kinds of
// people.
//
// # What it does not protect against
//
//   - What a person knows beforehand: somebody who knows the answers of others
//     in a group can subtract those.
//   - Bounds: a mean at the end of its scale tells what everybody answered.
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
//   - Attributes that were not declared, or people whose attributes an owner
//     changed between two waves in order to single somebody out; for
//     comparisons of waves [Comparable] limits this.
package suppression

// Group is the people who share a role and all attribute values. Values run in
// parallel with the attributes of the plan. Role is empty where roles play no
// part.
type Group struct {
	Role   string
	Values []string
	N      int
}

// Moved stands for a role or value of people who changed it between two waves
// that are compared. They belong to the whole and to no cell below it.
const Moved = "\x00moved"

// Cell is a set of people about whom a figure may be asked: Role "" for
// everybody, Attribute −1 for no segment.
type Cell struct {
	Role      string
	Attribute int
	Value     string
}

// Whole is the cell of everybody, or of everybody in a role.
func Whole(role string) Cell { return Cell{Role: role, Attribute: -1} }

// Has reports whether a group is part of the cell.
func (c Cell) Has(g Group) bool {
	return (c.Role == "" || c.Role == g.Role) && (c.Attribute < 0 || c.Value == g.Values[c.Attribute])
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
