package survey

import (
	"context"
	"log/slog"
)

// Speak remembers the language that a link's participant chose: on any device,
// for links to come, and in what is sent to them. Errors as of seatOf.
func (p *Pulse) Speak(ctx context.Context, token, lang string) error {
	s, err := p.seatOf(ctx, token)
	if err != nil {
		return err
	}
	return p.audiences.programs.PutLanguage(ctx, s.program.ID, s.invitation.Participant, lang)
}

// language is the one that the participant chose, else that of the roster.
func (p *Pulse) language(ctx context.Context, s seat) string {
	chosen, err := p.audiences.programs.Language(ctx, s.program.ID, s.invitation.Participant)
	if err != nil {
		// Whatever is to be said is better said in the other language than not.
		slog.WarnContext(ctx, "a participant's language was not found", "program", s.program.ID, "error", err)
	}
	if chosen == "" {
		return s.member.language
	}
	return chosen
}
