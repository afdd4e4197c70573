"""Texts that are hard to tokenise, the same every time: written by hand and made by category."""
import random
import unicodedata

START, END = "<|startoftext|>", "<|endoftext|>"

HAND = """
a red mug on a wooden floor, brick wall, light from the left
A WOMAN on a chair,  brick wall;\tevening light\n
it's the dog's, we'll see, I'd've, they're 'm 'S
1234 5 objects at 3.50$
naïve café — “quoted” … ﬁne
Ångström İstanbul ΣΊΣΥΦΟΣ straße ǅ
日本語の猫, 한국어, עברית, हिन्दी
🙂👩‍👩‍👧 cat
x²+y½=Ⅷ ٣
''s '''t !'s don''t
(((masterpiece:1.2))), best_quality, 4k, ultra-detailed
supercalifragilisticexpialidocious antidisestablishmentarianism
photo of an astronaut riding a horse on mars, trending on artstation, 8 k, hdr
masterpiece, best quality, 1girl, solo, long_hair, looking_at_viewer, :d, ^_^, >_<
[worst quality:1.4], (low quality), lowres, bad anatomy, (((extra fingers))), text, signature
<lora:add_detail:0.8> portrait, by greg rutkowski and alphonse mucha
f/1.8, 85mm, iso100, 1/250s, 4096x2160, 16:9
C++ & C# vs. F#; a|b||c, ~/path/to/file.txt?x=1&y=2#frag
e-mail: someone@example.org, http://example.org/%7Euser
&amp; &lt;b&gt; &#39; &nbsp; &quot;
donâ€™t mojibake Ã©tÃ© Ð¿Ñ€Ð¸Ð²ÐµÑ‚
rock'n'roll o'clock y'all'd've 'twas 'tis ma'am
'S 'T 'RE 'VE 'M 'LL 'D x'Sx x'Tx x'REx x'VEx x'Mx x'LLx x'Dx
’s ‘t ʼre ＇ve `m ´ll
'ſ 's 'ß 'SS
I'm you're he's she'd we'll they've can't won't isn't
don't don’t don＇t donʼt
!!! ??? ... ,,, ;;; ::: --- ___ *** /// \\\\\\ ||| ~~~ ``` ^^^ %%% $$$ ### @@@
a,b.c;d:e!f?g-h_i+j=k*l/m\\n|o~p`q^r%s$t#u@v
"double" 'single' «guillemets» „low“ 「corner」 『white』 ‹angle›
½ ¼ ¾ ⅓ ⅔ ⅛ ① ② ⑳ ⒈ ⑴ ㊀ ㈠ 〇 一二三
Ⅰ Ⅱ Ⅻ ⅰ ⅱ ⅻ ↀ ↁ Ↄ ↄ ⓐ Ⓐ Ⓩ
1,000,000.00 1e10 0x1F 3.14159 2³ 10⁻⁶ H₂O CO₂
١٢٣ ۴۵۶ १२३ ১২৩ ๑๒๓ ༡༢༣ 𝟏𝟐𝟑 １２３
Straße STRASSE ẞ ß ſ ﬀ ﬁ ﬂ ﬃ ﬄ ﬅ ﬆ
ĲSSELMEER ijsselmeer ŉ ǰ ΐ ΰ և ẖ ẗ ẘ ẙ ẚ
ΌΣΟΣ ΟΔΟΣ όσος ςσΣ Α͂ ᾼ ῌ ῼ ᾈ ᾳ
ДОМ дом Ёлка ёлка Й й Ї ї Ґ ґ Ѳ Ѵ
ԱԲԳ աբգ ԵՒ և
ᲐᲑᲒ აბგ ႠႡႢ ⴀⴁⴂ
Ꭰ Ꮿ ꭰ ꮿ Ᏸ ᏸ
𐐀𐐁 𐐨𐐩 𞤀𞤁 𞤢𞤣 𑢠 𑣀 𖹀 𖹠
𝐀𝐁𝐂 𝕬𝖆 𝓐𝓫 𝔸𝕓 𝙰𝚊 ℵ ℝ ℂ ℏ ™ ® © ℠ №
Ａｂｃ ＡＢＣ １２ ！？ ﾊﾝｶｸ ｶﾞ ﾎﾟ
が ぱ ヴ か゛ が か\u3099 は\u309a
각 각 ᄀ\u1161ᆨ 한글 ㅎㅏㄴ ᄒ\u1161ᆫ
क़ ख़ ড় ਲ਼ ଡ଼ \u0915\u093c \u09a1\u09bc
שלום עולם שָׁלוֹם ש\u05c1 \ufb2a \ufb1d
مرحبا بالعالم ﷺ لا ﻻ ﷲ أ ا\u0654
‮right to left override‬ a\u200fb\u200ec \u2067isolate\u2069
สวัสดีชาวโลก น้ำ ที่ ກ່ອນ မြန်မာ ខ្មែរ
தமிழ் తెలుగు ಕನ್ನಡ മലയാളം සිංහල ગુજરાતી ਪੰਜਾਬੀ ଓଡ଼ିଆ
བོད་ཡིག ᠮᠣᠩᠭᠣᠯ ⵜⴰⵎⴰⵣⵉⵖⵜ ꆈꌠ ꦗꦮ አማርኛ ⲀⲂⲄ
Tiếng Việt Tiê\u0301ng Viê\u0323t ệ ế ọ́
Ṩ S\u0323\u0307 S\u0307\u0323 ṩ q\u0307\u0323 q\u0323\u0307
Å Å A\u030a Ω Ω K K
e\u0301le\u0300ve A\u030angstro\u0308m
a\u0301\u0301\u0301 a\u0327\u0301\u0328 \u0301 \u0301\u0327 x\u0334\u0335\u0338
Z̸̡̢͔a͚̙l̷̬g̶͎o̴̳ t̴̫e̵͖x̷̱t̶̞
\u212a\u212b\u2126 \u2000\u2001 \u0340\u0341\u0343\u0344
\U0001d15e \U0001d160 \U0001d1bb
\u0f73 \u0f75 \u0f81 \u0f43
豈 更 \uf900 \uf91d \U0002f800 \U0002fa1d 神 \ufa19
𠀀𪜀𫝀𫠠𬺰 𰀀 𱍐 \U00030000 \U00031350 \U0002ebf0
㍿ ㌔ ㎏ ㏒ ﹏ ﹋ 〰 〽 ㊗ ㊙
🇩🇪🇯🇵🇺🇸 🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f
👍🏽👍🏿 👩🏻‍🚀 🧑‍🤝‍🧑 ❤️ ❤︎ ☺️ 1️⃣ #️⃣
🫠🫡🪿🫨 🩷 🛜 \U0001fae9
🎨🖌️ paint🎨ing 🙂🙂🙂🙂 a🙂b 🙂's 🙂1🙂
¯\\_(ツ)_/¯ ( ͡° ͜ʖ ͡°) ʕ•ᴥ•ʔ (╯°□°)╯︵ ┻━┻
→ ← ↔ ⇒ ∀x∈ℝ ∃y ∑ ∫ √2 ≠ ≤ ≥ ± × ÷ ∞
─│┌┐ ▀▄█▌▐ ░▒▓ ◆◇○● ★☆ ♥♦♣♠ ♪♫
€ £ ¥ ₹ ₽ ₿ ¢ ¤ ฿ ₩
tab\u00a0nbsp\u3000wide\u2009thin\u200bzero
a\u200bb a\u200cb a\u200db a\u2060b a\ufeffb \ufefftext
a\u00adb soft\u00adhyphen a\u034fb a\u061cb a\u180eb
\u0378\ue000 odd \u0903
\ufffd \ufffe \uffff \U0001fffe \U0010ffff \ufdd0 \U000f0000
\x01\x02\x03 bell\x07 back\x08 esc\x1b[31m del\x7f
a\x0bb a\x0cc a\x1cb a\x1db a\x1eb a\x1fb a\x85b a\u2028b a\u2029b
\r\n\r\n new\rline\n\nend
 leading and trailing   
,
.
'
''
a
A
é
猫
🙂
9
<
<|
<||>
<| startoftext |>
< |startoftext|>
<|startoftext|
startoftext endoftext
<|endoftext|><|endoftext|>
<|startoftext|><|endoftext|>
a<|endoftext|>b <|startoftext|>c <|STARTOFTEXT|>d!<|EndOfText|>!
!<|endoftext|>! '<|startoftext|>' ''<|startoftext|>s
<|<|startoftext|>|> <|startoftext<|startoftext|>|>
x<|STARTOFTEXT|>y X<|ENDOFTEXT|>Y <|endofte\u0301xt|>
<|\uff33TARTOFTEXT|> <|startoftext|>'s <|ENDOFTEXT|>'s
<|ſtartoftext|> <|İ|> <|padding|> <pad> [PAD] [CLS] </s> <unk> <|im_start|>
</w> a</w> the</w> </w></w>
Ġthe ĠĠ Ċ âĢĻ Ã© Ń ł
emoji:smile: :smile: :-) ;-) :'( :'s
snake_case camelCase PascalCase kebab-case SCREAMING_CASE
AbCdEfGhIjKlMnOpQrStUvWxYz
the the the the the the the the
THE QUICK BROWN FOX JUMPS OVER THE LAZY DOG
zażółć gęślą jaźń ZAŻÓŁĆ GĘŚLĄ JAŹŃ
Příliš žluťoučký kůň úpěl ďábelské ódy
Falsches Üben von Xylophonmusik quält jeden größeren Zwerg
Portez ce vieux whisky au juge blond qui fume, œuvre Œ Æ æ
El pingüino Wenceslao hizo kilómetros bajo exhaustiva lluvia ¿¡
Þjóðarbókhlaða Ðð Øø ŁÓDŹ Ħħ Ŧŧ Ŋŋ
Ğ ğ İ i I ı Ş ş
Съешь же ещё этих мягких французских булок, да выпей чаю
Ξεσκεπάζω την ψυχοφθόρα βδελυγμία
いろはにほへと ちりぬるを 色は匂へど
敏捷的棕色狐狸跳過了懶狗。「你好」，世界！
키스의 고유조건은 입술끼리 만나야 하고
نص حكيم له سر قاطع وذو شأن عظيم
דג סקרן שט בים מאוכזב ולפתע מצא חברה
ऋषियों को सताने वाले दुष्ट राक्षसों
เป็นมนุษย์สุดประเสริฐเลิศคุณค่า
Ч̌ч̌ Г̑ Ӑӑ ӖӖ Ѷ
ﬀfi ﬆ Dž ǆ Ǆ LJ ǇǈǉǊǋǌ
Ω\u0301 ω\u0345 ᾠ ᾡ ΆΈΉΊ
Ⱥⱥ Ⱦⱦ Ɐɐ ɑⱭ Ꝺꝺ Ꞌꞌ Ɥɥ
ᴀʙᴄ ᵃᵇᶜ ₐₑₒ ⁿ ˢ ʰ
ƻ ǀǁǂǃ ʔ ʕ ˀ ʻ ʽ ʿ
_ __ ___ a_b _a_ _1_
٪ ٫ ٬ ؛ ، ؟ ۔
᚛ᚑᚌᚐᚋ᚜ ᛖᚴ ᚷᛖᛏ 𐌼𐌰𐌲 𓀀𓁐 𒀀𒀁
""".strip("\n").split("\n")

WORDS = """portrait landscape woman man cat dragon castle forest ocean mountain city street neon cyberpunk watercolor oil painting
photograph cinematic lighting masterpiece detailed intricate sharp focus bokeh dramatic sky sunset moonlit ancient futuristic robot
samurai astronaut flower garden river winter autumn golden silver crystal marble wooden""".split()

SCRIPTS = {
    "latin": (0x00C0, 0x024F), "ipa": (0x0250, 0x02AF), "modifiers": (0x02B0, 0x02FF), "marks": (0x0300, 0x036F),
    "greek": (0x0370, 0x03FF), "cyrillic": (0x0400, 0x052F), "armenian": (0x0530, 0x058F), "hebrew": (0x0590, 0x05FF),
    "arabic": (0x0600, 0x06FF), "syriac": (0x0700, 0x074F), "nko": (0x07C0, 0x07FF), "arabic-b": (0x0870, 0x08FF),
    "devanagari": (0x0900, 0x097F), "bengali": (0x0980, 0x09FF), "telugu": (0x0C00, 0x0C7F), "thai": (0x0E00, 0x0E7F),
    "tibetan": (0x0F00, 0x0FFF), "georgian": (0x10A0, 0x10FF), "jamo": (0x1100, 0x11FF), "ethiopic": (0x1200, 0x137F),
    "cherokee": (0x13A0, 0x13FF), "khmer": (0x1780, 0x17FF), "mongolian": (0x1800, 0x18AF), "georgian-capitals": (0x1C80, 0x1CBF),
    "latin-more": (0x1E00, 0x1EFF), "greek-more": (0x1F00, 0x1FFF), "punctuation": (0x2000, 0x206F), "scripts": (0x2070, 0x20CF),
    "symbol-marks": (0x20D0, 0x20FF), "letterlike": (0x2100, 0x218F), "arrows": (0x2190, 0x22FF), "enclosed": (0x2460, 0x24FF),
    "symbols": (0x2600, 0x27BF), "coptic": (0x2C00, 0x2CFF), "cjk-signs": (0x3000, 0x303F), "kana": (0x3040, 0x30FF),
    "enclosed-cjk": (0x3200, 0x33FF), "han": (0x4E00, 0x9FFF), "yi": (0xA000, 0xA4CF), "latin-d": (0xA720, 0xA7FF),
    "hangul": (0xAC00, 0xD7FF), "private": (0xE000, 0xF8FF), "compatibility": (0xF900, 0xFAFF), "forms": (0xFB00, 0xFDFF),
    "fullwidth": (0xFE00, 0xFFEF), "old": (0x10000, 0x107FF), "vithkuqi": (0x10570, 0x105FF), "indic": (0x11000, 0x119FF),
    "music": (0x1D100, 0x1D1FF), "mathematics": (0x1D400, 0x1D7FF), "adlam": (0x1E800, 0x1E95F), "emoji": (0x1F300, 0x1FAFF),
    "han-b": (0x20000, 0x2A6DF), "han-h": (0x30000, 0x323AF), "tags": (0xE0000, 0xE01EF), "garay": (0x10D40, 0x10D8F),
}


def contractions(r):
    for ending in ("s", "t", "re", "ve", "m", "ll", "d", "n", "em"):
        for form in (ending, ending.upper(), ending.title()):
            yield f"it'{form} x'{form}y '{form}' ''{form} 1'{form} é'{form} .'{form}."


def numbers(r):
    for n in range(24):
        digits = "".join(chr(r.choice((0x30, 0x660, 0x966, 0xE50, 0xFF10, 0x1D7CE, 0x2460, 0x2160)) + r.randrange(10))
                         for _ in range(8))
        yield f"{r.randrange(10 ** r.randrange(1, 9))} {digits} v{n}.{n * 7} {n}th {n}x{n + 1} -{n}% №{n}"


def scripts(r):
    for name, (low, high) in SCRIPTS.items():
        every = [chr(c) for c in range(low, high + 1)]
        text = "".join(r.choice(every) for _ in range(14))
        yield f"{name} {text[:7]} {text[7:]}"
        yield " ".join(a + b for a, b in zip(text.upper(), reversed(text.title())))


def normal_forms(r):
    source = "Ångström naïve façade Ếệ ŵ ǖ ḷ̃ ṩ 각힣 が プ ô̇ क़ য় ᾧ ᾯ ΐ ẛ̣"
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        text = unicodedata.normalize(form, source)
        yield text
        yield text.upper()
        yield text.lower()
    marks = [chr(c) for c in range(0x300, 0x370)] + ["\u0334", "\u0345", "\u0327", "\u05bf", "\u064b", "\u093c", "\u3099",
                                                     "\u1ab0", "\u1ac1", "\u0898", "\u20d0", "\U0001d165", "\U0001e130"]
    for _ in range(40):
        yield " ".join(r.choice("aAeoSsuzΩωγ가カ") + "".join(r.choice(marks) for _ in range(r.randrange(1, 6)))
                       for _ in range(6))


def spaces(r):
    for c in [9, 10, 11, 12, 13, 0x1C, 0x1D, 0x1E, 0x1F, 0x20, 0x85, 0xA0, 0x1680, 0x180E, *range(0x2000, 0x2010), 0x2028,
              0x2029, 0x202F, 0x205F, 0x2060, 0x3000, 0xFEFF]:
        s = chr(c)
        yield f"{s}red{s}{s}mug{s},{s}1{s}2'{s}s{s}"


def controls(r):
    for start in list(range(1, 32, 6)) + list(range(0x7F, 0xA0, 6)):
        yield " ".join(f"a{chr(c)}b{chr(c)}{chr(c)}" for c in range(start, start + 6))


def specials(r):
    pieces = [START, END, START.upper(), END.upper(), "<|StartOfText|>", "a", "B", " ", "!", "'s", "9", "é", "<|", "|>", "<", "|", ">"]
    for _ in range(36):
        yield "".join(r.choice(pieces) for _ in range(10))


def long_words(r):
    for n in (64, 75, 76, 77, 150, 300, 1000, 3000):
        yield "".join(r.choice("etaoinshrdlucmfwyp") for _ in range(n))
    for unit in ("a", "ab", "ha", "lol", "é", "猫", "🙂", "ि", "!", "!?", "0", "…", "ſ"):
        yield unit * 120
        yield unit * 37 + " " + unit.upper() * 5
    yield "donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
    yield "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch"


def usual(r):
    for n in range(50):
        words = [r.choice(WORDS) for _ in range(r.randrange(3, 30))]
        tags = []
        for word in words:
            tags.append(r.choice(["{}", "{}", "({})", "(({}))", "({}:1.{})", "[{}]", "{}_art", "{}-like", "{}'s", "{}, 8k"])
                        .replace("{}", word, 1).replace("{}", str(r.randrange(10))))
        text = r.choice([", ", " ", ",", " BREAK ", " AND ", "\n"]).join(tags)
        yield r.choice([text, text.upper(), text.title()])


def signs(r):
    every = "".join(chr(c) for c in range(33, 127))
    for _ in range(40):
        yield "".join(r.choice(every + "  ") for _ in range(30))


def anything(r):
    every = [c for c in range(1, 0x110000) if not 0xD800 <= c < 0xE000]
    for _ in range(24):
        yield "".join(chr(r.choice(every)) for _ in range(12))
    for _ in range(50):
        low, high = r.choice(list(SCRIPTS.values()))
        yield "".join(r.choice([chr(r.randrange(low, high + 1)), r.choice(every_ascii), " "]) for _ in range(24))


every_ascii = [chr(c) for c in range(33, 127)]


def texts():
    r, out = random.Random(7), ["", " ", "   ", "\n"] + [line.replace("\\\\", "\\") for line in HAND]
    for make in (contractions, numbers, scripts, normal_forms, spaces, controls, specials, long_words, usual, signs, anything):
        out += make(r)
    return [text.replace("\0", "") for text in out]
