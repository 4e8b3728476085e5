// Package exports writes what leaves the service as files: the evaluation
// workbook and the raw answers. Its encoders take an io.Writer and know nothing
// of HTTP; the figures come from package analytics, which has already decided
// what may be shown.
package exports
