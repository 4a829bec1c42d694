//! What is known of each language, and texts to try it on.

/// What the witnesses tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Language {
    English,
    German,
    French,
    Spanish,
    Italian,
    Swedish,
}

use Language::{English, French, German, Italian, Spanish, Swedish};

pub(crate) const LANGUAGES: [Language; 6] = [English, German, French, Spanish, Italian, Swedish];

pub(crate) struct Traits {
    /// Small words, with a space between each.
    pub(crate) stop_words: &'static str,
    pub(crate) endings: &'static str,
    /// Letters and marks beyond ASCII.
    pub(crate) marks: &'static str,
    /// From articles 1 and 3 of the Universal Declaration of Human Rights.
    pub(crate) sample: &'static str,
}

pub(crate) fn traits(language: Language) -> Traits {
    match language {
        English => Traits {
            stop_words: "a an and are for he in is it of on that the they this to was we with you",
            endings: "ed er ing ly ment ness tion ful",
            marks: "",
            sample: "All human beings are born free and equal in dignity and rights. They are endowed with reason \
                and conscience and should act towards one another in a spirit of brotherhood. Everyone has the \
                right to life, liberty and security of person.",
        },
        German => Traits {
            stop_words: "auf das der die du ein eine er es ich im in ist mit nicht sie und von wir zu",
            endings: "chen en er heit ig isch keit lich ung st",
            marks: "äöüß„“",
            sample: "Alle Menschen sind frei und gleich an Würde und Rechten geboren. Sie sind mit Vernunft und \
                Gewissen begabt und sollen einander im Geist der Brüderlichkeit begegnen. Jeder hat das Recht auf \
                Leben, Freiheit und Sicherheit der Person.",
        },
        French => Traits {
            stop_words: "au ce dans de des du elle en est et il je la le les ne nous pas que qui un une vous",
            endings: "aient ait er eur eux ez ment ons tion ée",
            marks: "àâçèéêëîïôùûœ«»",
            sample: "Tous les êtres humains naissent libres et égaux en dignité et en droits. Ils sont doués de \
                raison et de conscience et doivent agir les uns envers les autres dans un esprit de fraternité. \
                Tout individu a droit à la vie, à la liberté et à la sûreté de sa personne.",
        },
        Spanish => Traits {
            stop_words: "a al con de del el en es la las lo los no por que se su un una y",
            endings: "ado aron ando ar ción dad iendo mente os as",
            marks: "áéíñóú¿¡",
            sample: "Todos los seres humanos nacen libres e iguales en dignidad y derechos y, dotados como están \
                de razón y conciencia, deben comportarse fraternalmente los unos con los otros. Todo individuo \
                tiene derecho a la vida, a la libertad y a la seguridad de su persona.",
        },
        Italian => Traits {
            stop_words: "a al che con da del di e gli i il in la le lo ma non per si sono un una è",
            endings: "ando are ato endo ere etto ire mente tà zione i",
            marks: "àèéìòù",
            sample: "Tutti gli esseri umani nascono liberi ed eguali in dignità e diritti. Essi sono dotati di \
                ragione e di coscienza e devono agire gli uni verso gli altri in spirito di fratellanza. Ogni \
                individuo ha diritto alla vita, alla libertà ed alla sicurezza della propria persona.",
        },
        Swedish => Traits {
            stop_words: "att av de den det en ett för han har i inte jag med och om på som till är",
            endings: "ade ande are arna en et het lig ning or",
            marks: "åäö",
            sample: "Alla människor är födda fria och lika i värde och rättigheter. De är utrustade med förnuft \
                och samvete och bör handla gentemot varandra i en anda av broderskap. Var och en har rätt till \
                liv, frihet och personlig säkerhet.",
        },
    }
}

/// Texts with their language. Some are chosen to mislead.
pub(crate) const SAMPLES: [(Language, &str); 14] = [
    (English, "The quick brown fox jumps over the lazy dog."),
    (English, "She ordered a café crème and talked about the naïve façade of it all."),
    (English, "Nobody answered, so they waited for another hour."),
    (German, "Ich habe gestern leider keine Zeit gehabt."),
    (German, "Der schnelle Fuchs springt über den faulen Hund."),
    (German, "Die Software ist im Internet zu finden."),
    (French, "Le petit prince habite une planète à peine plus grande que lui."),
    (French, "Nous parlons de politique dans la cuisine."),
    (Spanish, "¿Dónde está la biblioteca de la universidad?"),
    (Spanish, "Los gatos duermen en el tejado por las tardes."),
    (Italian, "La vita è bella quando si mangia insieme."),
    (Italian, "Il treno per Milano parte in ritardo."),
    (Swedish, "Jag tycker om att läsa böcker på kvällen."),
    (Swedish, "Hunden springer till en annan gata."),
];
