import QtQuick
import QtQuick.Layouts
import Doorstep
import Doorstep.ViewModels

// Three ways to say who somebody is, each with the state of its device; then the person found. The form for writing it
// by hand opens in a sheet: <prefix>_byHand, <prefix>_name, <prefix>_idNumber, <prefix>_reason_0 ….
Item {
    id: ways

    required property string prefix
    required property IdentifyViewModel viewModel
    property bool forOther: false
    readonly property bool webcamReads: viewModel.webcamState === "ready"
    // most scanners say nothing before their first code: that is not a fault
    readonly property bool eitherReads: viewModel.scannerState === "unknown" && webcamReads
    readonly property bool onlyWebcam: !eitherReads && viewModel.scannerState !== "ready" && viewModel.scannerState !== "busy" && webcamReads

    readonly property bool known: viewModel.person.known

    // a card laid down while somebody writes is the better answer
    onKnownChanged: {
        if (known)
            form.close();
    }

    function stateText(state: string, trouble: string, ready: string): string {
        if (state === "ready")
            return ready;
        if (state === "busy")
            return qsTr("正在读取，请不要移动");
        if (trouble !== "")
            return trouble;
        return state === "connecting" ? qsTr("正在连接，请稍等") : qsTr("还没有回应，可以换一种方法");
    }

    function stateTone(state: string): string {
        return state === "ready" ? "good" : state === "busy" ? "busy" : state === "connecting" || state === "unknown" ? "unknown" : "warning";
    }

    function sexWords(sex: string): string {
        return sex === "male" ? qsTr("男") : sex === "female" ? qsTr("女") : sex;
    }

    function sourceWords(source: string): string {
        switch (source) {
        case "id_card":
            return qsTr("已从身份证读取");
        case "social_security_card":
            return qsTr("已从社保卡读取");
        case "code":
            return qsTr("已由随申码核实");
        default:
            return qsTr("手工填写，请再核对一遍");
        }
    }

    RowLayout {
        anchors.fill: parent
        visible: !ways.viewModel.person.known
        spacing: Theme.gapLarge

        WayCard {
            objectName: ways.prefix + "_card"
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.preferredWidth: 1
            illustration: "place-card"
            title: qsTr("放身份证或社保卡")
            explanation: qsTr("平放在读卡器上，看到名字再拿开")
            stateText: ways.stateText(ways.viewModel.cardState, ways.viewModel.cardTrouble, qsTr("读卡器正常，请放卡"))
            stateTone: ways.stateTone(ways.viewModel.cardState)
        }

        WayCard {
            objectName: ways.prefix + "_code"
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.preferredWidth: 1
            illustration: "show-phone"
            title: qsTr("出示随申码")
            explanation: qsTr("把手机屏幕对准扫码器或摄像头")
            stateText: ways.eitherReads ? qsTr("请出示，扫码器和摄像头都可以读") : ways.onlyWebcam ? qsTr("扫码器没有连上，请对准摄像头") : ways.stateText(ways.viewModel.scannerState, ways.viewModel.scannerTrouble, qsTr("扫码器正常，请出示"))
            stateTone: ways.eitherReads || ways.onlyWebcam ? "info" : ways.stateTone(ways.viewModel.scannerState)
        }

        WayCard {
            objectName: ways.prefix + "_byHand"
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.preferredWidth: 1
            illustration: "by-hand"
            title: qsTr("没有带证件")
            explanation: qsTr("请帮办员帮忙填写")
            actionText: qsTr("手工填写")
            onClicked: form.open()
        }
    }

    ColumnLayout {
        anchors.fill: parent
        visible: ways.viewModel.person.known
        spacing: Theme.gap

        Banner {
            Layout.fillWidth: true
            kind: "warning"
            say: ways.viewModel.person.warnings.join(" ")
        }

        Panel {
            objectName: ways.prefix + "_person"
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.minimumHeight: found.implicitHeight + Theme.dp(24)
            Accessible.role: Accessible.StaticText
            Accessible.name: [who.text, fullName.text, number.text, sexAndBirth.text, source.text, photoSentence.text].filter(part => part !== "").join(", ")

            RowLayout {
                id: found

                anchors.left: parent.left
                anchors.right: parent.right
                anchors.verticalCenter: parent.verticalCenter
                anchors.margins: Theme.dp(48)
                spacing: Theme.margin

                // 102 by 126 pixels on the chip
                Image {
                    id: photo

                    objectName: ways.prefix + "_photo"
                    visible: ways.viewModel.person.photo !== ""
                    source: ways.viewModel.person.photo
                    Layout.preferredHeight: Theme.px(Theme.compact ? 180 : 280)
                    Layout.preferredWidth: height * 102 / 126
                    fillMode: Image.PreserveAspectFit
                    cache: false
                    Accessible.role: Accessible.Graphic
                    Accessible.name: qsTr("证件照片")
                }

                Rectangle {
                    visible: !Theme.tight && !photo.visible
                    Layout.preferredWidth: Theme.px(Theme.compact ? 130 : 220)
                    Layout.preferredHeight: width
                    radius: width / 2
                    color: Theme.accentSoft
                    border.width: Theme.border
                    border.color: Theme.accent

                    Icon {
                        anchors.centerIn: parent
                        name: "user-check"
                        size: Theme.px(Theme.compact ? 76 : 130)
                        color: Theme.accent
                    }
                }

                ColumnLayout {
                    Layout.fillWidth: true
                    spacing: Theme.dp(6)

                    Body {
                        id: who

                        Layout.fillWidth: true
                        text: ways.forOther ? qsTr("申请人") : qsTr("办理人")
                        color: Theme.muted
                        Accessible.ignored: true
                    }

                    Heading {
                        id: fullName

                        Layout.fillWidth: true
                        text: ways.viewModel.person.name
                        font.pixelSize: Theme.px(Theme.compact ? 52 : 72)
                        Accessible.ignored: true
                    }

                    Body {
                        id: number

                        Layout.fillWidth: true
                        text: qsTr("证件号 %1").arg(ways.viewModel.person.idNumber)
                        font.pixelSize: Theme.title
                        Accessible.ignored: true
                    }

                    Body {
                        id: sexAndBirth

                        Layout.fillWidth: true
                        visible: text !== ""
                        text: [ways.sexWords(ways.viewModel.person.sex), ways.viewModel.person.birth === "" ? "" : qsTr("%1 出生").arg(ways.viewModel.person.birth)].filter(part => part !== "").join(" · ")
                        color: Theme.muted
                        Accessible.ignored: true
                    }

                    RowLayout {
                        Layout.topMargin: Theme.dp(10)
                        spacing: Theme.dp(10)

                        Icon {
                            name: ways.viewModel.person.source === "by_hand" ? "edit" : "circle-check"
                            size: Theme.px(36)
                            color: ways.viewModel.person.source === "by_hand" ? Theme.warning : Theme.good
                        }

                        Body {
                            id: source

                            Layout.fillWidth: true
                            text: ways.sourceWords(ways.viewModel.person.source)
                            color: ways.viewModel.person.source === "by_hand" ? Theme.warning : Theme.good
                            Accessible.ignored: true
                        }
                    }

                    Caption {
                        id: photoSentence

                        objectName: ways.prefix + "_photoSentence"
                        Layout.fillWidth: true
                        visible: text !== ""
                        text: ways.viewModel.person.photoSentence
                        Accessible.ignored: true
                    }
                }

                ActionButton {
                    objectName: ways.prefix + "_byHandInstead"
                    iconName: "edit"
                    text: qsTr("改为手工填写")
                    onClicked: form.open()
                }
            }
        }
    }

    IdentityForm {
        id: form

        prefix: ways.prefix
        viewModel: ways.viewModel
    }
}
