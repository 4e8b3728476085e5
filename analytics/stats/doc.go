// Package stats holds the statistical methods of the measures as pure
// functions: no store, no clock, no randomness that is not seeded.
//
// # Input
//
// Where a method allows it, functions take sufficient statistics (counts, a
// [Sample], a covariance matrix, a table of times) and not rows, so that the
// store does the scan. Matrices are slices of rows, as ClickHouse's
// covarSampMatrix and corrMatrix return them. Variances and covariances are the
// unbiased ones, with n−1. No function changes its arguments, and none depends
// on the order of rows, groups or clusters.
//
// # What comes back
//
// No result ever holds NaN or an infinity. Every function that can have no
// answer returns an error, and with it the zero value of its result. The error
// says what was missing and wraps one of five reasons, to be told apart with
// [errors.Is] and put into the reader's language by the caller:
//
//   - [ErrTooFew]: fewer people, items, targets or clusters than the method needs;
//   - [ErrConstant]: the data do not vary;
//   - [ErrUndefined]: the data do not determine the quantity, as with a relative
//     risk over a group in which nobody left;
//   - [ErrBiased]: resampling moves a figure so far one way that it has no interval;
//   - [ErrInvalid]: the arguments contradict themselves or are not finite; a
//     mistake of the caller or of the data, never a reason to show a reader.
//
// A figure can exist without an interval (a mean of one answer). Then the
// [Estimate] has its Value and N, its Interval is nil, and NoInterval holds the
// reason, of the same kinds.
//
// Intervals are two-sided at [Level]; p values are two-sided.
package stats
