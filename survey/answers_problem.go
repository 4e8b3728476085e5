package survey

import (
	"fmt"
	"strings"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"
)

// The codes of what can be wrong with an answer, and their parameters.
const (
	CodeUnknownItem     = "unknown_item"
	CodeUnknownGoal     = "unknown_goal"
	CodeDuplicateItem   = "duplicate_item"
	CodeWrongKind       = "wrong_kind"   // want: "value", "choices" or "text"
	CodeNotWhole        = "not_whole"    // min, max
	CodeOutOfRange      = "out_of_range" // min, max
	CodeOffStep         = "off_step"     // min, max, step
	CodeRequired        = "required"
	CodeUnknownOption   = "unknown_option"   // option, options
	CodeDuplicateOption = "duplicate_option" // option
	CodeOneChoice       = "one_choice"
	CodeTooManyChoices  = "too_many_choices" // max
	CodeTextTooLong     = "text_too_long"    // max, have
	CodeInvalidText     = "invalid_text"
	CodeTooManyAnswers  = "too_many_answers" // max, have
)

// Problem is one thing that is wrong with an answer: the item as the answer
// names it ("" when it is the whole submission), a code, and what the code's
// message is phrased with.
type Problem struct {
	Item   string         `json:"item,omitempty"`
	Code   string         `json:"code"`
	Params map[string]any `json:"params,omitempty"`
}

// Message says in lang ("uk" or "en"; Ukrainian for any other) what is expected.
func (p Problem) Message(lang string) string {
	if base, _, _ := strings.Cut(strings.ToLower(lang), "-"); base == "en" {
		return p.phrase(language.English, problemsInEnglish())
	}
	return p.phrase(language.Ukrainian, problemsInUkrainian())
}

// problemWording is what a language says for each code, with the parameters in
// braces. A whole number counts something: its word comes in the plural form
// that the number takes.
type problemWording struct {
	messages map[string]string
	counted  map[string]map[plural.Form]string
}

func problemsInEnglish() problemWording {
	return problemWording{
		messages: map[string]string{
			CodeUnknownItem:           "This survey has no such question.",
			CodeUnknownGoal:           "Your pair has no such goal in this survey.",
			CodeDuplicateItem:         "This question is answered more than once; send one answer.",
			CodeWrongKind + "value":   "A number is expected, in the field “value”.",
			CodeWrongKind + "choices": "A list of the chosen options is expected, in the field “choices”.",
			CodeWrongKind + "text":    "A text is expected, in the field “text”.",
			CodeNotWhole:              "A whole number from {min} to {max} is expected.",
			CodeOutOfRange:            "A number from {min} to {max} is expected.",
			CodeOffStep:               "A number from {min} to {max} in steps of {step} is expected.",
			CodeRequired:              "Please answer this question before you submit.",
			CodeUnknownOption:         "“{option}” is not one of the options: {options}.",
			CodeDuplicateOption:       "The option “{option}” is chosen twice.",
			CodeOneChoice:             "Please choose one option only.",
			CodeTooManyChoices:        "Please choose at most {max}.",
			CodeTextTooLong:           "Your answer has {have}; there is room for {max}.",
			CodeInvalidText:           "The text is damaged: it must be valid UTF-8.",
			CodeTooManyAnswers:        "There are {have} here; at most {max} can be sent at once.",
		},
		counted: map[string]map[plural.Form]string{
			CodeTooManyChoices: {plural.One: "option", plural.Other: "options"},
			CodeTextTooLong:    {plural.One: "character", plural.Other: "characters"},
			CodeTooManyAnswers: {plural.One: "answer", plural.Other: "answers"},
		},
	}
}

func problemsInUkrainian() problemWording {
	return problemWording{
		messages: map[string]string{
			CodeUnknownItem:           "Такого запитання в цьому опитуванні немає.",
			CodeUnknownGoal:           "Такої цілі вашої пари в цьому опитуванні немає.",
			CodeDuplicateItem:         "На це запитання надіслано кілька відповідей; залиште одну.",
			CodeWrongKind + "value":   "Тут потрібне число – у полі «value».",
			CodeWrongKind + "choices": "Тут потрібен перелік вибраних варіантів – у полі «choices».",
			CodeWrongKind + "text":    "Тут потрібен текст – у полі «text».",
			CodeNotWhole:              "Потрібне ціле число від {min} до {max}.",
			CodeOutOfRange:            "Потрібне число від {min} до {max}.",
			CodeOffStep:               "Потрібне число від {min} до {max} із кроком {step}.",
			CodeRequired:              "Дайте, будь ласка, відповідь на це запитання, перш ніж надсилати анкету.",
			CodeUnknownOption:         "Варіанта «{option}» немає. Можливі варіанти: {options}.",
			CodeDuplicateOption:       "Варіант «{option}» вибрано двічі.",
			CodeOneChoice:             "Виберіть, будь ласка, лише один варіант.",
			CodeTooManyChoices:        "Виберіть, будь ласка, щонайбільше {max}.",
			CodeTextTooLong:           "У вашій відповіді {have}, а може бути щонайбільше {max}.",
			CodeInvalidText:           "Текст пошкоджено: потрібне кодування UTF-8.",
			CodeTooManyAnswers:        "Надіслано {have}, а за один раз можна щонайбільше {max}.",
		},
		counted: map[string]map[plural.Form]string{
			CodeTooManyChoices: {plural.One: "варіант", plural.Few: "варіанти", plural.Many: "варіантів"},
			CodeTextTooLong:    {plural.One: "символ", plural.Few: "символи", plural.Many: "символів"},
			CodeTooManyAnswers: {plural.One: "відповідь", plural.Few: "відповіді", plural.Many: "відповідей"},
		},
	}
}

// phrase fills the parameters into the message; a counted one brings its word.
func (p Problem) phrase(tag language.Tag, w problemWording) string {
	printer := message.NewPrinter(tag)
	key := p.Code
	if p.Code == CodeWrongKind {
		key += fmt.Sprint(p.Params["want"])
	}
	var fill []string
	for name, param := range p.Params {
		said := fmt.Sprint(param)
		switch v := param.(type) {
		case int:
			form := plural.Cardinal.MatchPlural(tag, v, 0, 0, 0, 0)
			said = printer.Sprint(number.Decimal(v)) + " " + w.counted[p.Code][form]
		case float64:
			said = printer.Sprint(number.Decimal(v, number.MaxFractionDigits(6)))
			said = strings.Replace(said, "-", "−", 1) // a minus, not a hyphen
		case []string:
			said = strings.Join(v, ", ")
		}
		fill = append(fill, "{"+name+"}", said)
	}
	return strings.NewReplacer(fill...).Replace(w.messages[key])
}
