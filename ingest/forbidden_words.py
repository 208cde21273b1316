"""The words by which categories that must not be used are known, in English, German, Chinese, Spanish and French.

Names of columns are matched word by word without accents, Chinese ones by what they contain. Words that also mean something
harmless in finance or trade are left out, or excused by the word beside them: a banknote has a denomination, a browser a
fingerprint.
"""

from collections.abc import Mapping
from enum import StrEnum


class Category(StrEnum):
    """What must not be used, whoever consents."""

    RELIGION = "religion"
    GENES = "genes"
    BIOMETRICS = "biometrics"
    BLOOD_TYPE = "blood type"
    DISEASE = "health"
    ETHNICITY = "ethnicity"


NAMES: Mapping[Category, frozenset[str]] = {
    Category.RELIGION: frozenset(
        {
            *("religion", "religions", "religious", "faith", "church", "creed", "religious denomination"),
            *("konfession", "kirchensteuer", "kirche", "glaube", "glaubensbekenntnis", "religionszugehorigkeit"),
            *("confesion", "credo", "iglesia", "religiosa", "religioso", "confession", "croyance", "culte", "eglise"),
        }
    ),
    Category.GENES: frozenset(
        {
            *("gene", "genes", "genetic", "genetics", "genome", "genomic", "genotype", "dna", "dna sequence", "snp"),
            *("genetik", "genetisch", "genetische", "genom", "erbgut", "dns sequenz", "gentest"),
            *("genetico", "genetica", "genoma", "adn", "genetique", "genotipo"),
        }
    ),
    Category.BIOMETRICS: frozenset(
        {
            *("biometric", "biometrics", "fingerprint", "fingerprints", "faceprint", "face id", "face template", "iris scan"),
            *("face embedding", "retina", "voiceprint", "voice print", "palm print", "facial", "iris code"),
            *("biometrie", "biometrisch", "biometrische", "fingerabdruck", "gesichtserkennung", "stimmabdruck"),
            *("biometria", "biometrico", "biometrica", "huella dactilar", "huella digital", "reconocimiento facial"),
            *("biometrique", "empreinte digitale", "empreintes digitales", "reconnaissance faciale"),
        }
    ),
    Category.BLOOD_TYPE: frozenset(
        {
            *("blood", "bloodtype", "blood type", "blood group", "bloodgroup", "rhesus", "rh factor", "abo type"),
            *("blutgruppe", "rhesusfaktor", "grupo sanguineo", "tipo de sangre", "grupo sangre", "groupe sanguin", "sanguin"),
        }
    ),
    Category.DISEASE: frozenset(
        {
            *(
                "disease",
                "diseases",
                "diagnosis",
                "diagnoses",
                "diag",
                "icd",
                "icd10",
                "illness",
                "patient",
                "hiv",
                "disability",
            ),
            *("medical", "health status", "health condition", "allergy", "allergies", "medication", "prescription", "disabled"),
            *(
                "sick leave",
                "sick days",
                "chronic",
                "krankheit",
                "krankheiten",
                "krankheitstage",
                "krankenstand",
                "krankschreibung",
                "diagnose",
                "diagnosen",
            ),
            *("erkrankung", "behinderung", "schwerbehindert", "medikament", "medikamente", "gesundheitszustand"),
            *("enfermedad", "enfermedades", "diagnostico", "discapacidad", "medicamento", "estado de salud", "baja medica"),
            *("maladie", "maladies", "handicap", "etat de sante", "medicament", "diagnostic medical"),
        }
    ),
    Category.ETHNICITY: frozenset(
        {
            *("ethnicity", "ethnic", "race", "racial", "skin color", "skin colour", "caste", "tribe"),
            *(
                "ethnie",
                "ethnisch",
                "ethnische",
                "rasse",
                "hautfarbe",
                "etnia",
                "etnico",
                "raza",
                "ethnique",
                "couleur de peau",
            ),
        }
    ),
}
"""Words, or words in a row, without accents."""

CHINESE: Mapping[Category, tuple[str, ...]] = {
    Category.RELIGION: ("宗教", "信仰", "教派"),
    Category.GENES: ("基因", "遗传", "遺傳"),
    Category.BIOMETRICS: ("指纹", "指紋", "人脸", "人臉", "虹膜", "声纹", "聲紋", "生物识别", "生物特征"),
    Category.BLOOD_TYPE: ("血型",),
    Category.DISEASE: ("疾病", "病史", "诊断", "診斷", "病历", "病歷", "残疾", "殘疾", "健康状况", "患者"),
    Category.ETHNICITY: ("民族", "种族", "種族", "族裔"),
}

EXCUSES: Mapping[str, frozenset[str]] = {
    "fingerprint": frozenset(
        {"device", "browser", "file", "key", "canvas", "tls", "ssh", "certificate", "pepper", "digest", "font"}
    ),
    "medical": frozenset({"amount", "bill", "expense", "expenses", "merchant"}),
    "prescription": frozenset({"period", "date"}),  # of a debt, in Spanish and French law
    "race": frozenset({"condition", "car", "horse"}),
    "faith": frozenset({"good", "bad"}),
    "confession": frozenset({"judgment", "debt"}),
    "church": frozenset({"street", "road", "lane"}),
    "patient": frozenset({"capital", "money"}),
    "culte": frozenset({"film"}),
    "chronic": frozenset({"arrears", "delinquency", "late"}),
}
"""By word, the words beside it that make it harmless."""
CHINESE_EXCUSES = ("设备", "浏览器", "设备指纹", "文件")

VALUES: Mapping[Category, frozenset[str]] = {
    Category.RELIGION: frozenset(
        {
            *(
                "christian",
                "christianity",
                "catholic",
                "roman catholic",
                "protestant",
                "orthodox",
                "muslim",
                "islam",
                "islamic",
            ),
            *("jewish", "judaism", "hindu", "hinduism", "buddhist", "buddhism", "sikh", "atheist", "agnostic", "lutheran"),
            *("evangelisch", "katholisch", "romisch-katholisch", "muslimisch", "islamisch", "judisch", "buddhistisch"),
            *(
                "konfessionslos",
                "hinduistisch",
                "christlich",
                "catolico",
                "catolica",
                "evangelico",
                "musulman",
                "musulmana",
                "judio",
            ),
            *("judia", "budista", "ateo", "catholique", "musulmane", "juif", "juive", "bouddhiste", "athee"),
            *("佛教", "基督教", "天主教", "伊斯兰教", "回教", "道教", "无宗教", "印度教"),
        }
    ),
    Category.DISEASE: frozenset(
        {
            *("diabetes", "cancer", "asthma", "hypertension", "epilepsy", "hiv", "hiv positive", "depression", "hepatitis"),
            *("tuberculosis", "schizophrenia", "stroke", "arthritis", "krebs", "bluthochdruck", "epilepsie", "asma"),
            *("hipertension", "depresion", "asthme", "diabete", "schlaganfall", "cancer du sein", "vih", "sida"),
            *("糖尿病", "高血压", "癌症", "哮喘", "抑郁症", "肝炎", "艾滋病", "心脏病"),
        }
    ),
    Category.ETHNICITY: frozenset(
        {
            *("caucasian", "hispanic", "latino", "african american", "african-american", "asian", "pacific islander"),
            *("native american", "han chinese", "uyghur", "roma", "mestizo", "mulato", "indigena", "afroamericano"),
            *("汉族", "回族", "维吾尔族", "藏族", "壮族", "满族", "苗族", "蒙古族", "汉", "朝鲜族"),
        }
    ),
}
"""Words without accents, in lower case, that a value consists of."""

ICD_10 = frozenset(
    """
    A09 A41 B02 B18 B20 B24 C18 C20 C25 C34 C43 C44 C50 C56 C61 C64 C67 C73 C85 C90 C91 D50 D64 E03 E05 E10 E11 E14 E66
    E78 E87 F03 F10 F11 F17 F20 F25 F31 F32 F33 F40 F41 F43 F45 F60 F70 F84 F90 G20 G30 G35 G40 G43 G47 G56 H25 H26 H40
    H52 H66 I10 I11 I20 I21 I25 I26 I35 I42 I44 I47 I48 I50 I60 I61 I63 I64 I70 I73 I80 I83 J00 J02 J03 J06 J18 J20 J30
    J32 J40 J44 J45 J96 K21 K25 K29 K35 K40 K50 K51 K57 K58 K59 K70 K74 K80 K85 L20 L30 L40 M05 M06 M10 M16 M17 M19 M25
    M48 M51 M54 M79 M81 N17 N18 N20 N30 N39 N40 N80 O80 O82 R05 R06 R07 R10 R42 R50 R51 R53 S06 S52 S72 S82 T78 U07 Z00
    Z01 Z23 Z34 Z51
    """.split()
)
"""Frequent categories of the International Classification of Diseases: enough of them tell the code from a part number."""
