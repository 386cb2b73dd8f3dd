"""The screens of a visit as view models.

What can be touched is named ``<screen>_<action>`` (QML ``objectName``), for tests and the demo's player; lists count
from 0. Every screen has ``<screen>_back``, ``<screen>_cancel``, ``<screen>_next`` where the step allows it; the
buttons of a question are ``sheetPrimary`` and ``sheetSecondary``; help is the shell's ``helpButton``.

| screen | names |
|---|---|
| identify, applicant | byHand, byHandInstead, name, idNumber, reason_N; shown: card, code, person |
| choose | search, department_all, department_N, item_N (frequent), result_N (found), startOver |
| guide | forMyself, forOther, consent |
| capture | material_N, page_N, rotatePage, deletePage, removeMaterial, add, materialName, materialName_N, automatic, \
take; of a fresh picture: rotate, whole, again, accept, reason_N, reasonText, and ``corner_0`` to ``corner_3`` |
| fields | <field id>, for a choice <field id>_N |
| review | page_M_N (material, page), editMaterials, editFields |
| signature | pad, undo, clear |
| submit | sending, arrived (shown) |
| waiting | leave, ticketPrint; shown: ticket, ahead, outcome, reason |
| receipt | print; shown: state, number, printState |
| rating | 1 to 5, comment_N, skip, next |
| farewell | done |

A text field's line itself is named ``<name>Input``.
"""
