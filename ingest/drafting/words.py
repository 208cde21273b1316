"""Words of column headers in English, German, Chinese, Spanish and French, and what they hint at. Hints, never decisions."""

import re
import unicodedata
from collections.abc import Mapping

from graph.vocabulary import NodeLabel, RelType

TIME = frozenset(
    """
time date day timestamp ts at on datum zeit tag fecha hora date heure jour when 时间 日期
""".split()
)
AMOUNT = frozenset(
    """
amount sum price total value balance salary income betrag umsatz preis saldo gehalt soll haben
importe precio monto salario montant prix solde salaire debit credit paid capital 金额 余额 价格
""".split()
)
NUMBER = frozenset(
    """
id ids identifier no nr number num nummer key code numero num ref iban account konto cuenta compte zip plz
postcode 编号 号码 账号
""".split()
)
PHONE = frozenset(
    """
phone tel telephone mobile msisdn telefon handy rufnummer telefono movil portable 电话 手机
""".split()
)
NAME = frozenset(
    """
name names firstname lastname surname vorname nachname nombre apellido apellidos nom prenom 姓名 名字
""".split()
)
FREE = frozenset(
    """
text comment comments note notes description memo remark verwendungszweck beschreibung bemerkung
concepto descripcion libelle remarque purpose 备注 描述
""".split()
)
CURRENCIES = frozenset(
    """
EUR USD CNY GBP CHF JPY CZK NGN SEK NOK DKK PLN HUF MXN BRL INR CAD AUD SGD HKD ZAR KES TRY RON ARS
CLP COP PEN
""".split()
)

ENDS: Mapping[NodeLabel, frozenset[str]] = {
    NodeLabel.PERSON: frozenset(
        """
customer client user borrower person member subscriber employee rater ratee rated caller callee
applicant investor kunde kunden mitarbeiter cliente persona empleado usuario utilisateur salarie 客户
用户 借款人 员工
""".split()
    ),
    NodeLabel.COMPANY: frozenset(
        """
company merchant shop seller employer supplier biller vendor firm firma handler arbeitgeber
lieferant empresa comercio vendedor proveedor entreprise vendeur fournisseur employeur 公司 商户 企业
""".split()
    ),
    NodeLabel.LENDER: frozenset("lender bank platform kreditgeber banco banque 银行 平台".split()),
    NodeLabel.LOAN: frozenset("loan credit contract darlehen kredit prestamo pret 贷款".split()),
    NodeLabel.BANK_ACCOUNT: frozenset(
        """
iban account konto auftragskonto kontonummer counterparty cuenta compte beneficiary 账户 账号
""".split()
    ),
    NodeLabel.DEVICE: frozenset("device imei gerat dispositivo appareil 设备".split()),
    NodeLabel.PHONE: PHONE,
    NodeLabel.EMAIL: frozenset("email mail correo courriel 邮箱".split()),
    NodeLabel.DOCUMENT: frozenset("document passport ausweis documento passeport 证件".split()),
    NodeLabel.ADDRESS: frozenset("address adresse anschrift direccion street 地址".split()),
    NodeLabel.PLACE: frozenset("place city district cell branch region ort stadt ciudad ville 城市 地区".split()),
    NodeLabel.COMMUNITY: frozenset("group club community association gruppe verein grupo groupe 群 社区".split()),
    NodeLabel.CATEGORY: frozenset("category industry sector branche categoria categorie 类别 行业".split()),
}
RELATIONS: Mapping[RelType, frozenset[str]] = {
    RelType.BOUGHT_FROM: frozenset(
        """
order orders purchase purchases basket bestellung bestellungen pedido pedidos commande 订单
""".split()
    ),
    RelType.RETURNED: frozenset("return returns refund retoure devolucion retour 退货".split()),
    RelType.PAID: frozenset(
        """
payment payments transaction transactions transfer booking umsatze buchung buchungstag pago pagos
paiement 交易
""".split()
    ),
    RelType.BILLED_BY: frozenset("bill bills invoice rechnung rechnungen factura facture 账单".split()),
    RelType.SUPPLIES: frozenset("invoice invoices supplier lieferant".split()),
    RelType.CALLED: frozenset("call calls duration anruf anrufe llamada appel 通话".split()),
    RelType.RATED: frozenset("rating ratings trust vote bewertung valoracion note 评分".split()),
    RelType.REFERRED: frozenset("referral referrals referrer empfehlung 推荐".split()),
    RelType.WORKS_AT: frozenset("employment employer payroll salary lohn nomina 就业".split()),
    RelType.MEMBER_OF: frozenset("member membership memberships mitglied miembro membre".split()),
    RelType.APPLIED_FOR: frozenset("application applications applied antrag solicitud demande 申请".split()),
    RelType.REPAID: frozenset("repayment repayments repaid instalment rate tilgung cuota 还款".split()),
    RelType.USES_DEVICE: frozenset("login logins session device".split()),
    RelType.VISITED: frozenset("visit visits trip trips besuch visita 访问".split()),
    RelType.OWNS: frozenset("owner owners share shares shareholder gesellschafter accionista actionnaire 股东".split()),
}


LEAST_LETTERS = 4
"""Of a word that tells something at the beginning or the end of a longer one, as in `loanamount`."""


def header_words(text: str) -> list[str]:
    """The words of a header, in lower case and without accents; `orderDate` has two."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", plain)
    return re.findall(r"[^\W\d_]+", apart.lower())


def has_word(header: str, words: frozenset[str]) -> bool:
    """Whether a header has one of these words, or begins or ends with one; Chinese ones may stand anywhere."""
    found = header_words(header)
    if any(word in words for word in found) or any(word in header for word in words if not word.isascii()):
        return True
    telling = [word for word in words if len(word) >= LEAST_LETTERS]
    return any(part.startswith(word) or part.removesuffix("id").endswith(word) for part in found for word in telling)
