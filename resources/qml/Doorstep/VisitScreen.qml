import QtQuick
import Doorstep
import Doorstep.ViewModels

// The frame of a visit's steps: where one is, back, give up (asked first), and on. `name` prefixes the actions' names:
// <name>_back, <name>_cancel, <name>_next; the question's buttons are sheetPrimary and sheetSecondary.
ScreenFrame {
    id: screen

    required property string name
    required property VisitViewModel visit
    property bool cancellable: true
    property bool leadsOn: true
    property string nextText: qsTr("下一步")

    prefix: name
    steps: [qsTr("身份"), qsTr("事项"), qsTr("材料"), qsTr("填写"), qsTr("核对签名"), qsTr("提交"), qsTr("回执评价")]
    step: visit.step
    leftText: visit.canBack ? qsTr("上一步") : ""
    extraText: cancellable ? qsTr("取消办理") : ""
    extraIcon: "x"
    primaryText: leadsOn ? nextText : ""
    primaryEnabled: visit.canNext
    primaryReason: leadsOn ? visit.nextHint : ""
    onLeftClicked: visit.back()
    onExtraClicked: question.open()
    onPrimaryClicked: visit.next()

    Sheet {
        id: question

        title: screen.visit.correction ? qsTr("这次先不补了吗？") : qsTr("要取消这次办理吗？")
        text: screen.visit.correction ? qsTr("刚才重拍的会清除。办件还在受理中心等着，以后从首页的“待补正”再补。") : qsTr("已经拍好的材料和填写的内容都会清除，不会留在本机。需要时可以重新开始。")
        iconName: "alert-triangle"
        tone: "warning"
        secondaryText: screen.visit.correction ? qsTr("接着补") : qsTr("继续办理")
        primaryText: screen.visit.correction ? qsTr("先不补了") : qsTr("取消办理并清除")
        dangerous: true
        onPrimaryClicked: screen.visit.cancelVisit()
    }
}
