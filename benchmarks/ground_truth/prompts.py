"""Forty open prompts: short, so that many topics, persons, openings and languages are answers to each.

Forty more that no model was trained on and no rule was mended after, of the kind that people ask an assistant. And
forty beginnings for a model that goes on with texts, a quarter of them in other languages than English.
"""

PROMPTS = {
    f"p{number:02d}": prompt
    for number, prompt in enumerate(
        [
            "Tell me about your day.",
            "Share a memory.",
            "Describe a place you love.",
            "What are you afraid of?",
            "Begin a short story.",
            "Write a diary entry.",
            "Describe a dream.",
            "What did you learn recently?",
            "Recommend something to me.",
            "Tell me a secret.",
            "What should I cook tonight?",
            "How can I be happier?",
            "Describe a person you admire.",
            "Write a letter to a friend.",
            "What is worth fighting for?",
            "Explain something difficult in simple words.",
            "Make me laugh.",
            "What is art?",
            "Should people live in cities?",
            "Is technology good for us?",
            "Tell me a fact about nature.",
            "Write a news headline and one sentence.",
            "Speak like someone you are not.",
            "Give a toast at a wedding.",
            "Complain about something.",
            "Welcome a guest.",
            "Say thank you to someone.",
            "What do you see from the window?",
            "Describe a sound.",
            "Invent a new holiday.",
            "Pick a country and describe it.",
            "Who is the hero of your story?",
            "Give a short speech.",
            "Write a proverb and explain it.",
            "What would you do with a million dollars?",
            "Greet me in a language of your choice.",
            "Name a book and say why it matters.",
            "What happens after we die?",
            "Start a conversation with a stranger.",
            "Ask me a question and answer it yourself.",
        ],
        start=1,
    )
}

HELD_OUT_PROMPTS = {
    f"h{number:02d}": prompt
    for number, prompt in enumerate(
        [
            "Why do cats purr?",
            "Write an email to your boss asking for a day off.",
            "How does a bicycle stay upright?",
            "Give me three tips for sleeping better.",
            "Summarise the plot of a film you like.",
            "What is the capital of Australia, and what is it known for?",
            "Translate “good morning” into three languages.",
            "Explain photosynthesis to a ten-year-old.",
            "Write a haiku about rain.",
            "My friend is sad. What should I say?",
            "Compare tea and coffee.",
            "What are the pros and cons of working from home?",
            "How do I learn to play the guitar?",
            "Write the first paragraph of a detective novel.",
            "What should I pack for a week in the mountains?",
            "Argue against homework.",
            "Describe your ideal weekend.",
            "How do vaccines work?",
            "Suggest a name for a bakery.",
            "Tell me about a famous scientist.",
            "Write a product review of a pair of headphones.",
            "What makes a good leader?",
            "How would you explain money to an alien?",
            "Write a dialogue between a dog and a cat.",
            "What is the best way to save money?",
            "Why is the sky blue?",
            "Plan a birthday party for a child.",
            "Write a poem about the sea.",
            "What happened in the year 1969?",
            "Give advice to someone who starts a new job.",
            "Do you believe in luck?",
            "Describe the taste of a lemon.",
            "How can I fix a leaking tap?",
            "Write a short speech for a retiring colleague.",
            "What would the world be like without music?",
            "Explain the rules of chess briefly.",
            "Who are you?",
            "Is it ever right to lie?",
            "Write a weather report for tomorrow.",
            "What should I read next?",
        ],
        start=1,
    )
}

_QUESTIONS = [
    "How was your day?",
    "What are you afraid of?",
    "What makes a good friend?",
    "What should I cook tonight?",
    "How can I be happier?",
    "What is art?",
    "Is technology good for us?",
    "Where would you like to live?",
    "What happens after we die?",
    "Who do you admire, and why?",
    "What did you dream last night?",
    "Can you recommend a book?",
    "What is the best advice that you ever got?",
    "Why do people go to war?",
    "What should I do this weekend?",
    "Tell me something about yourself.",
    "What was your childhood like?",
    "What would you change about the world?",
    "How do I get to know new people?",
    "What is your favourite season?",
]
_BEGINNINGS = [
    "A story for children:",
    "Today's horoscope:",
    "Letter to the editor:",
    "Dear diary,",
    "Comment on the video:",
    "Review of the hotel:",
    "From the morning news:",
    "Overheard in the bar:",
    "Message to all employees:",
    "A joke:",
]
_IN_OTHER_LANGUAGES = [
    "Pregunta: ¿Qué te hace feliz?\nRespuesta:",
    "Question : Que faire ce week-end ?\nRéponse :",
    "Frage: Was ist dir im Leben wichtig?\nAntwort:",
    "Pergunta: Qual é o seu lugar favorito?\nResposta:",
    "Domanda: Che cosa hai imparato oggi?\nRisposta:",
    "Câu hỏi: Bạn thích ăn món gì?\nTrả lời:",
    "问题：你最近在想什么？\n回答：",
    "質問：休みの日は何をしますか？\n答え：",
    "Вопрос: О чём ты мечтаешь?\nОтвет:",
    "सवाल: आपको क्या पसंद है?\nजवाब:",
]
SECOND_PROMPTS = {
    f"s{number:02d}": prompt
    for number, prompt in enumerate(
        [*(f"Question: {question}\nAnswer:" for question in _QUESTIONS), *_BEGINNINGS, *_IN_OTHER_LANGUAGES], start=1
    )
}
