package analytics

// The measures, by the id of their definition.
const (
	MeasureInvited        = "participation.invited"
	MeasureOpened         = "participation.opened"
	MeasureStarted        = "participation.started"
	MeasureSubmitted      = "participation.submitted"
	MeasureResponseRate   = "participation.rate"
	MeasureMedianTime     = "participation.median-time"
	MeasureRepresentation = "participation.representation"
	MeasureNonResponse    = "participation.non-response"

	MeasureEngagement    = "engagement.index"
	MeasureFavourability = "engagement.favourability"
	MeasureENPS          = "engagement.enps"
	MeasureAlpha         = "engagement.alpha"
	MeasureOmega         = "engagement.omega"

	MeasureConfidence      = "confidence.index"
	MeasureConfidenceAlpha = "confidence.alpha"
	MeasureReliablyUp      = "confidence.reliably-up"
	MeasureUnchanged       = "confidence.unchanged"
	MeasureReliablyDown    = "confidence.reliably-down"
	MeasureDifference      = "confidence.difference-in-differences"

	MeasureStay              = "retention.programme"
	MeasureStayLogRank       = "retention.programme-log-rank"
	MeasureEmployment        = "retention.organisation"
	MeasureEmploymentLogRank = "retention.organisation-log-rank"
	MeasureRelativeRisk      = "retention.relative-risk"
	MeasureRiskDifference    = "retention.risk-difference"
	MeasureIntent            = "retention.intent"
	MeasureCohorts           = "retention.cohorts"

	MeasureLeft               = "retention.left"
	MeasureStayed             = "retention.stayed"
	MeasureLeftOrganisation   = "retention.left-organisation"
	MeasureStayedOrganisation = "retention.stayed-organisation"

	MeasureGoals       = "goals.t"
	MeasureGoalsBase   = "goals.t-baseline"
	MeasureGoalsChange = "goals.t-change"
	MeasureExpected    = "goals.expected"
	MeasureLevels      = "goals.levels"
	MeasureAgreement   = "goals.agreement"

	MeasureBenefit              = "benefits.index"
	MeasureBenefitFavourability = "benefits.favourability"
	MeasureBenefitAlpha         = "benefits.alpha"

	MeasureChallenge      = "challenges.index"
	MeasureChallengeAlpha = "challenges.alpha"

	MeasureDriversR2         = "drivers.r-squared"
	MeasureDriverWeight      = "drivers.weight"
	MeasureDriverShare       = "drivers.share"
	MeasureDriverCorrelation = "drivers.correlation"
	MeasureProgress          = "objectives.progress"

	MeasureAlertHelp          = "alerts.help"
	MeasureAlertRetention     = "alerts.retention"
	MeasureAlertDrop          = "alerts.drop"
	MeasureAlertParticipation = "alerts.participation"
	MeasureAlertChallenge     = "alerts.challenge"
	MeasureComments           = "comments.shown"
	MeasureCommentWords       = "comments.words"
)
