package analytics

// alertsView is the early warnings of a programme.
type alertsView struct {
	words
	Wave, Notice string
	List         []alertView
}

// Say gives a text of the page.
func (v *alertsView) Say(id string) string { return v.t("page-" + id) }

// alertView is a warning: about whom, what was seen and what to do.
type alertView struct {
	Severity, Class  string
	Who, Seen        string
	Remedy           string
	Main             figureView
	Title, AlertRule string // the measure, and the definition of the warning
}

// alerts puts the warnings into words; nil without a wave.
func (b *board) alerts(report *AlertReport) *alertsView {
	if report.Wave == nil {
		return nil
	}
	v := &alertsView{words: b.words, Wave: b.wave(*report.Wave)}
	if report.Notice != nil {
		v.Notice = report.Notice.Reason
	}
	for _, a := range report.Alerts {
		b.used[a.Definition] = true
		class := "warning-possible"
		if a.Severity == SeverityWarning {
			class = "warning-clear"
		}
		main := b.figure(a.Figure, "")
		if of := a.Figure.Wave; of != "" && of != report.Wave.Label { // of an earlier turn
			main.Precision += " · " + b.t("page-of-wave", "date", b.date(of))
		}
		v.List = append(v.List, alertView{Severity: b.t("page-severity-" + a.Severity), Class: class, Who: a.Who, Seen: a.Seen, Remedy: a.Remedy,
			Main: main, Title: report.Definitions[a.Figure.Measure].Title, AlertRule: "def-" + a.Definition})
	}
	return v
}
