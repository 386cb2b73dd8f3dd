import QtQuick
import QtQuick.Layouts

// The frame of every screen: title, one sentence, content, and one row of actions at a fixed place.
// Left: `leftText` (usually back). Right: `primaryText` (the one thing to do) and `secondaryText` before it.
// `primaryReason` says why the primary action is not possible yet and is shown beside it.
// Children are placed in a ColumnLayout that fills the middle; `beside` stands at the end of the title's line. With a `prefix` the four actions are named
// <prefix>_back, <prefix>_cancel, <prefix>_more and <prefix>_next for tests and the demo's player.
FocusScope {
    id: frame

    property string prefix: ""
    property string title: ""
    property string subtitle: ""
    property list<string> steps: []
    property int step: -1
    property string leftText: ""
    property string leftIcon: "arrow-left"
    property bool leftEnabled: true
    property string extraText: ""
    property string extraIcon: ""
    property bool extraEnabled: true
    property string secondaryText: ""
    property string secondaryIcon: ""
    property bool secondaryEnabled: true
    property string primaryText: ""
    property string primaryIcon: "arrow-right"
    property bool primaryEnabled: true
    property bool primaryBusy: false
    property string primaryReason: ""
    property alias beside: besideTitle.data
    default property alias content: middle.data

    readonly property bool hasSteps: steps.length > 0 && step >= 0
    // where height is short the step stands beside the title
    readonly property bool stepInTitle: hasSteps && Theme.tight && title !== ""

    signal leftClicked
    signal extraClicked
    signal secondaryClicked
    signal primaryClicked

    Accessible.role: Accessible.Pane
    Accessible.name: title

    ColumnLayout {
        anchors.fill: parent
        anchors.leftMargin: Theme.margin
        anchors.rightMargin: Theme.margin
        anchors.topMargin: Theme.dp(Theme.tight ? 12 : 20)
        anchors.bottomMargin: anchors.topMargin
        spacing: Theme.dp(Theme.tight ? 12 : 16)

        StepRow {
            Layout.fillWidth: true
            visible: frame.hasSteps && !frame.stepInTitle
            steps: frame.steps
            current: frame.step
        }

        ColumnLayout {
            Layout.fillWidth: true
            visible: frame.title !== ""
            spacing: 0

            RowLayout {
                Layout.fillWidth: true
                spacing: Theme.gap

                Heading {
                    objectName: "screenTitle"
                    Layout.fillWidth: true
                    text: frame.title
                    font.pixelSize: Theme.tight ? Theme.title : Theme.display
                }

                Caption {
                    visible: frame.stepInTitle
                    text: frame.stepInTitle ? qsTr("第 %1 步，共 %2 步：%3").arg(frame.step + 1).arg(frame.steps.length).arg(frame.steps[frame.step]) : ""
                    color: Theme.accent
                    font.bold: true
                    wrapMode: Text.NoWrap
                }

                Row {
                    id: besideTitle

                    visible: children.length > 0
                    spacing: Theme.gapSmall
                }
            }

            Body {
                Layout.fillWidth: true
                visible: text !== "" && !Theme.tight
                text: frame.subtitle
                color: Theme.muted
            }
        }

        ColumnLayout {
            id: middle

            // A layout is else no wider than its children wish.
            Layout.maximumWidth: Number.POSITIVE_INFINITY
            Layout.fillWidth: true
            Layout.fillHeight: true
            spacing: Theme.gap
        }

        RowLayout {
            Layout.fillWidth: true
            visible: frame.leftText !== "" || frame.extraText !== "" || frame.secondaryText !== "" || frame.primaryText !== ""
            spacing: Theme.gap

            ActionButton {
                objectName: frame.prefix === "" ? "leftAction" : frame.prefix + "_back"
                visible: frame.leftText !== ""
                enabled: frame.leftEnabled
                text: frame.leftText
                iconName: frame.leftIcon
                kind: "secondary"
                onClicked: frame.leftClicked()
            }

            ActionButton {
                objectName: frame.prefix === "" ? "extraAction" : frame.prefix + "_cancel"
                visible: frame.extraText !== ""
                enabled: frame.extraEnabled
                text: frame.extraText
                iconName: frame.extraIcon
                kind: "quiet"
                onClicked: frame.extraClicked()
            }

            Body {
                objectName: "primaryReason"
                Layout.fillWidth: true
                Layout.preferredWidth: 1
                text: frame.primaryReason
                color: Theme.warning
                horizontalAlignment: Text.AlignRight
                Accessible.ignored: text === ""
            }

            ActionButton {
                objectName: frame.prefix === "" ? "secondaryAction" : frame.prefix + "_more"
                visible: frame.secondaryText !== ""
                enabled: frame.secondaryEnabled
                text: frame.secondaryText
                iconName: frame.secondaryIcon
                onClicked: frame.secondaryClicked()
            }

            ActionButton {
                objectName: frame.prefix === "" ? "primaryAction" : frame.prefix + "_next"
                visible: frame.primaryText !== ""
                enabled: frame.primaryEnabled
                busy: frame.primaryBusy
                text: frame.primaryText
                iconName: frame.primaryIcon
                iconAfter: true
                large: !Theme.tight
                kind: "primary"
                onClicked: frame.primaryClicked()
            }
        }
    }
}
