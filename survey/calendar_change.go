package survey

// doneChange is a change that came with a key, so that sending it again does
// nothing.
type doneChange struct {
	Key    string `json:"key"`
	Change string `json:"change"` // a digest of what was asked
}
