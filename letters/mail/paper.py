"""How much paper weighs, for postage."""

from __future__ import annotations

from letters.model.records import Paper

_BASIS_SHEET = 17 * 22
"""Square inches of the sheet by which bond paper is weighed; 500 of them weigh the pounds on the wrapper.

The basic size of office, bond and writing papers in paper merchants' tables; 20 lb is 75 g/m², about 0.16 oz a letter
sheet.
"""
_REAM = 500
_OUNCES = 16
_AREA = {Paper.LETTER: 8.5 * 11, Paper.A4: 210 * 297 / 25.4**2}


def ounces(sheets: int, paper: Paper, pounds: int) -> float:
    """Weigh sheets of bond paper of a basis weight, such as 20 or 24 pounds, in ounces to a hundredth."""
    return round(sheets * pounds * _OUNCES / _REAM * _AREA[paper] / _BASIS_SHEET, 2)
