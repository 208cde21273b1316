import pytest

from ingest.errors import CategoryForbidden
from ingest.forbidden import check_column, find_in_name, find_in_values
from ingest.forbidden_words import Category


@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("religion", Category.RELIGION),
        ("customer_religion", Category.RELIGION),
        ("Religionszugehörigkeit", Category.RELIGION),
        ("Kirchensteuer", Category.RELIGION),
        ("客户宗教", Category.RELIGION),
        ("religión", Category.RELIGION),
        ("geneticMarker", Category.GENES),
        ("DNA", Category.GENES),
        ("基因", Category.GENES),
        ("fingerprint", Category.BIOMETRICS),
        ("Fingerabdruck", Category.BIOMETRICS),
        ("huella_dactilar", Category.BIOMETRICS),
        ("empreinte-digitale", Category.BIOMETRICS),
        ("人脸特征", Category.BIOMETRICS),
        ("bloodType", Category.BLOOD_TYPE),
        ("BLOOD_GROUP", Category.BLOOD_TYPE),
        ("Blutgruppe", Category.BLOOD_TYPE),
        ("血型", Category.BLOOD_TYPE),
        ("grupo sanguíneo", Category.BLOOD_TYPE),
        ("groupe sanguin", Category.BLOOD_TYPE),
        ("icd10", Category.DISEASE),
        ("diagnosis_code", Category.DISEASE),
        ("diag1", Category.DISEASE),
        ("Krankheit", Category.DISEASE),
        ("enfermedad", Category.DISEASE),
        ("maladie", Category.DISEASE),
        ("病史", Category.DISEASE),
        ("ethnicity", Category.ETHNICITY),
        ("raza", Category.ETHNICITY),
        ("民族", Category.ETHNICITY),
    ],
)
def test_a_column_named_after_a_forbidden_category_is_found_in_five_languages(name: str, category: Category) -> None:
    assert find_in_name(name) is category


@pytest.mark.parametrize(
    "name",
    [
        *(
            "gender",
            "general",
            "generation",
            "denomination",
            "device_fingerprint",
            "browserFingerprint",
            "设备指纹",
            "huella_carbono",
        ),
        *(
            "embrace",
            "trace_id",
            "terrace",
            "region",
            "religare",
            "icdate",
            "patience",
            "grade",
            "group",
            "type",
            "bloodhound_id",
        ),
        *("good_faith", "diagnostics_url", "seller", "condition", "empreinte_carbone", "salud_financiera", "krankenkasse"),
    ],
)
def test_a_name_that_only_looks_alike_is_free(name: str) -> None:
    assert find_in_name(name) is None


@pytest.mark.parametrize(
    ("values", "category"),
    [
        (["A+", "0-", "AB+", "B+"], Category.BLOOD_TYPE),
        (["O Rh+", "A Rh-", "AB neg"], Category.BLOOD_TYPE),
        (["A", "B", "AB", "0", "A", "0"], Category.BLOOD_TYPE),
        (["E11.9", "I10", "J45.9", "F32.1"], Category.DISEASE),
        (["E119", "I10", "J459", "F321", "M545", "Z000"], Category.DISEASE),
        (["Diabetes", "Asthma", "Diabetes"], Category.DISEASE),
        (["糖尿病", "高血压"], Category.DISEASE),
        (["katholisch", "evangelisch", "", "konfessionslos"], Category.RELIGION),
        (["Muslim", "Hindu", "Christian"], Category.RELIGION),
        (["católico", "musulmán"], Category.RELIGION),
        (["juive", "bouddhiste"], Category.RELIGION),
        (["佛教", "道教"], Category.RELIGION),
        (["汉族", "回族"], Category.ETHNICITY),
        (["ACGTACGTACGTACGTACGTACGTACGT"], Category.GENES),
    ],
)
def test_values_tell_a_column_whose_name_does_not(values: list[str], category: Category) -> None:
    assert find_in_values(values) is category


@pytest.mark.parametrize(
    "values",
    [
        [],
        ["A", "B", "C", "A"],
        ["A+", "A-", "B+", "B-"],
        ["A+", "B-", "C+", "AB", "D"],
        ["AA", "AA-", "BBB+"],
        ["A", "B", "0", "1"],
        ["0", "0", "0"],
        ["B12.5", "B14.5", "B16.2"],
        ["A10", "B20", "C30", "D40"],
        ["E27", "E14", "GU10"],
        ["A1234", "B5678", "C9012", "D3456", "E7890", "F1111"],
        ["R12", "R134", "M8", "M10"],
        ["Christian", "Anna", "Peter", "Paul", "Maria", "Jude"],
        ["black", "white", "red"],
        ["DE", "FR", "AT"],
        ["12.50", "7.00"],
    ],
)
def test_grades_ratings_part_numbers_sizes_and_first_names_are_free(values: list[str]) -> None:
    assert find_in_values(values) is None


def test_the_message_names_the_column_and_the_remedy_and_no_value() -> None:
    with pytest.raises(CategoryForbidden, match=r"'bg' seems to hold blood type .* remove the column") as caught:
        check_column("people.csv", "bg", ["AB+", "0-", "A+"])
    assert "AB+" not in str(caught.value)
