pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import Doorstep
import Doorstep.ViewModels

// Left: the pieces and how they are. Right: the chosen one, what it does now, what is plugged in for it.
ScreenFrame {
    id: screen

    required property DeviceSetUpViewModel viewModel

    title: viewModel.piece === "" ? qsTr("设备设置") : qsTr("设备设置：%1").arg(viewModel.pieceName)
    subtitle: qsTr("先试用，看到结果再保留。不保留就离开，一切照旧。")
    leftText: qsTr("返回")
    extraText: viewModel.isChanged ? qsTr("恢复原来") : ""
    extraIcon: "history"
    extraEnabled: !viewModel.busy
    primaryText: viewModel.piece === "" ? "" : qsTr("保留")
    primaryIcon: "check"
    primaryEnabled: viewModel.isChanged && !viewModel.busy
    primaryReason: viewModel.isChanged ? qsTr("正在试用，还没有保留。") : ""
    onLeftClicked: viewModel.leave()
    onExtraClicked: viewModel.restore()
    onPrimaryClicked: viewModel.keep()

    RowLayout {
        Layout.fillWidth: true
        Layout.fillHeight: true
        spacing: Theme.gapLarge

        ScrollColumn {
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.preferredWidth: 1
            spacing: Theme.gapSmall

            Repeater {
                model: screen.viewModel.pieces

                ListCard {
                    id: piece

                    required property string key
                    required property string label
                    required property string word
                    required property string lamp
                    required property bool chosen

                    objectName: "piece_" + key
                    Layout.fillWidth: true
                    title: label
                    trailing: word
                    arrow: false
                    iconName: Theme.toneIcon(lamp)
                    tone: lamp
                    selected: chosen
                    enabled: !screen.viewModel.busy
                    onClicked: screen.viewModel.choose(piece.key)
                }
            }
        }

        Item {
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.preferredWidth: 2

            EmptyState {
                anchors.centerIn: parent
                width: parent.width
                visible: screen.viewModel.piece === ""
                iconName: "tools"
                title: qsTr("请在左边选一台设备")
                text: qsTr("这里可以查找插着的设备，试用，看到结果以后再保留。")
            }

            ScrollColumn {
                id: panel

                readonly property string piece: screen.viewModel.piece

                onPieceChanged: contentY = 0
                anchors.fill: parent
                visible: screen.viewModel.piece !== ""

                Banner {
                    objectName: "setUpMessage"
                    Layout.fillWidth: true
                    kind: screen.viewModel.messageKind
                    say: screen.viewModel.messageSay
                    doText: screen.viewModel.messageDo
                    // what became of a press must not lie above what is shown
                    onSayChanged: {
                        if (say !== "")
                            panel.contentY = 0;
                    }
                }

                ColumnLayout {
                    Layout.fillWidth: true
                    spacing: 0

                    Body {
                        objectName: "setUpConnection"
                        Layout.fillWidth: true
                        text: screen.viewModel.withoutPiece ? qsTr("本站不配这台设备。") : screen.viewModel.connection === "" ? qsTr("还没有设置连接。") : screen.viewModel.isChanged ? qsTr("试用的连接：%1").arg(screen.viewModel.connection) : qsTr("现在的连接：%1").arg(screen.viewModel.connection)
                        wrapMode: Text.WrapAnywhere
                    }

                    Caption {
                        Layout.fillWidth: true
                        visible: screen.viewModel.identity !== ""
                        text: qsTr("编号 %1").arg(screen.viewModel.identity)
                    }
                }

                // beside each other: the buttons below must be seen without scrolling
                GridLayout {
                    id: seen

                    readonly property bool live: screen.viewModel.isCamera && screen.viewModel.connection !== "" && !screen.viewModel.withoutPiece

                    Layout.fillWidth: true
                    columns: live && !Theme.tight ? 2 : 1
                    columnSpacing: Theme.gapSmall
                    rowSpacing: Theme.gapSmall

                    LiveView {
                        objectName: "setUpLive"
                        Layout.fillWidth: true
                        Layout.preferredWidth: 1
                        Layout.preferredHeight: visible ? Theme.dp(Theme.compact ? 240 : 280) : 0
                        visible: seen.live
                        camera: screen.viewModel.isCamera ? screen.viewModel.piece : "document_camera"
                    }

                    Banner {
                        objectName: "setUpResult"
                        Layout.fillWidth: true
                        Layout.preferredWidth: 1
                        kind: screen.viewModel.resultTone
                        say: screen.viewModel.resultSay
                        doText: screen.viewModel.resultDo
                    }
                }

                ColumnLayout {
                    Layout.fillWidth: true
                    visible: screen.viewModel.isPrinter
                    spacing: Theme.gapSmall

                    Flow {
                        Layout.fillWidth: true
                        spacing: Theme.gapSmall

                        Chip {
                            objectName: "paper58"
                            text: qsTr("58 毫米纸")
                            selected: screen.viewModel.paperMm === 58
                            enabled: !screen.viewModel.busy
                            onClicked: screen.viewModel.setPrinter(58, screen.viewModel.printerAnswers)
                        }

                        Chip {
                            objectName: "paper80"
                            text: qsTr("80 毫米纸")
                            selected: screen.viewModel.paperMm === 80
                            enabled: !screen.viewModel.busy
                            onClicked: screen.viewModel.setPrinter(80, screen.viewModel.printerAnswers)
                        }
                    }

                    Toggle {
                        objectName: "printerAnswers"
                        text: qsTr("这台打印机会回答状态")
                        checked: screen.viewModel.printerAnswers
                        enabled: !screen.viewModel.busy
                        onToggled: screen.viewModel.setPrinter(screen.viewModel.paperMm, checked)
                    }
                }

                Flow {
                    Layout.fillWidth: true
                    spacing: Theme.gapSmall

                    ActionButton {
                        objectName: "setUpFind"
                        text: screen.viewModel.searching ? qsTr("正在查找…") : qsTr("查找")
                        iconName: "search"
                        kind: screen.viewModel.searched ? "secondary" : "primary"
                        enabled: !screen.viewModel.busy
                        busy: screen.viewModel.searching
                        onClicked: screen.viewModel.find()
                    }

                    ActionButton {
                        objectName: "setUpPrint"
                        visible: screen.viewModel.isPrinter
                        text: qsTr("打印一行")
                        iconName: "printer"
                        enabled: !screen.viewModel.busy && screen.viewModel.connection !== "" && !screen.viewModel.withoutPiece
                        onClicked: screen.viewModel.printLine()
                    }

                    ActionButton {
                        objectName: "setUpByHand"
                        text: qsTr("手工填写")
                        iconName: "edit"
                        enabled: !screen.viewModel.busy
                        onClicked: {
                            byHand.written = screen.viewModel.withoutPiece ? "" : screen.viewModel.connection;
                            byHand.open();
                        }
                    }

                    ActionButton {
                        objectName: "setUpWithout"
                        text: qsTr("本站没有这件设备")
                        iconName: "minus"
                        enabled: !screen.viewModel.busy && !screen.viewModel.withoutPiece
                        onClicked: screen.viewModel.without()
                    }
                }

                Panel {
                    objectName: "setUpProbe"
                    Layout.fillWidth: true
                    visible: screen.viewModel.probing || screen.viewModel.probeSay !== ""
                    implicitHeight: probeColumn.implicitHeight + Theme.dp(40)

                    ColumnLayout {
                        id: probeColumn

                        anchors.left: parent.left
                        anchors.right: parent.right
                        anchors.verticalCenter: parent.verticalCenter
                        anchors.margins: Theme.dp(22)
                        spacing: Theme.gapSmall

                        Body {
                            objectName: "setUpProbeText"
                            Layout.fillWidth: true
                            text: screen.viewModel.probeSay === "" ? qsTr("正在打开这条线…") : screen.viewModel.probeSay
                        }

                        RowLayout {
                            Layout.fillWidth: true
                            visible: screen.viewModel.probing
                            spacing: Theme.gap

                            ProgressLine {
                                Layout.fillWidth: true
                                label: screen.viewModel.probeSay
                                value: screen.viewModel.probed
                            }

                            ActionButton {
                                objectName: "setUpStopProbe"
                                text: qsTr("停止")
                                iconName: "x"
                                onClicked: screen.viewModel.stopProbe()
                            }
                        }
                    }
                }

                Repeater {
                    model: screen.viewModel.answers

                    FoundCard {
                        id: answer

                        required key
                        required name
                        required identity
                        required connection
                        required note
                        required noteTone
                        required usable
                        required used

                        objectName: "answer_" + answer.key
                        Layout.fillWidth: true
                        busy: screen.viewModel.busy
                        onTried: screen.viewModel.tryOut(answer.connection)
                    }
                }

                Repeater {
                    model: screen.viewModel.found

                    FoundCard {
                        id: row

                        required key
                        required name
                        required identity
                        required connection
                        required note
                        required noteTone
                        required usable
                        required used
                        required asks
                        required scans

                        objectName: "found_" + row.key
                        Layout.fillWidth: true
                        busy: screen.viewModel.busy
                        onTried: screen.viewModel.tryOut(row.connection)
                        onAsked: screen.viewModel.probe(row.connection, false)
                        onScanned: screen.viewModel.probe(row.connection, true)
                    }
                }

                Caption {
                    objectName: "setUpNotes"
                    Layout.fillWidth: true
                    visible: text !== ""
                    text: screen.viewModel.notes
                    color: Theme.warning
                }
            }
        }
    }

    Sheet {
        id: byHand

        property alias written: field.text

        objectName: "setUpByHandSheet"
        wide: true
        title: qsTr("手工填写%1的连接").arg(screen.viewModel.pieceName)
        text: qsTr("例如 tcp:192.168.1.50:9100、serial:/dev/ttyS0?baud=9600、vendor:程序库文件、http://地址。")
        secondaryText: qsTr("返回")
        primaryText: qsTr("试用")
        primaryEnabled: field.text.trim() !== ""
        onPrimaryClicked: screen.viewModel.tryOut(field.text)
        onOpened: field.input.forceActiveFocus()

        Field {
            id: field

            objectName: "setUpWritten"
            Layout.fillWidth: true
            label: qsTr("连接")
            inputKind: "technical"
            clearable: true
            onEdited: text => field.text = text
        }
    }
}
