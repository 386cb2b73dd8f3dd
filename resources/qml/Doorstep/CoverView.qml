import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Doorstep.ViewModels

// Nothing personal may be read while nobody sits here. The staff PIN brings everything back as it was.
T.Popup {
    id: cover

    required property ShellViewModel shell

    parent: T.Overlay.overlay
    width: parent ? parent.width : 0
    height: parent ? parent.height : 0
    z: 1000
    modal: true
    focus: true
    closePolicy: T.Popup.NoAutoClose
    visible: shell.covered
    onOpened: {
        pad.clear();
        pad.forceActiveFocus();
    }

    background: Rectangle {
        color: Theme.cover
    }

    contentItem: Item {
        RowLayout {
            anchors.centerIn: parent
            width: Math.min(parent.width - 2 * Theme.margin, Theme.dp(1600))
            spacing: Theme.dp(100)

            ColumnLayout {
                Layout.fillWidth: true
                spacing: Theme.gap

                Icon {
                    name: "lock"
                    size: Theme.px(96)
                    color: Theme.coverInk
                }

                Heading {
                    Layout.fillWidth: true
                    text: qsTr("屏幕已遮住")
                    font.pixelSize: Theme.display
                    color: Theme.coverInk
                }

                Body {
                    Layout.fillWidth: true
                    text: qsTr("办理内容都保存着，不会丢失。")
                    font.pixelSize: Theme.lead
                    color: Theme.coverInk
                }

                Body {
                    Layout.fillWidth: true
                    text: cover.shell.staffName === "" ? qsTr("请帮办员输入密码继续。") : qsTr("请 %1 输入密码继续。").arg(cover.shell.staffName)
                    font.pixelSize: Theme.lead
                    color: Theme.coverInk
                }

                Banner {
                    objectName: "unlockRefusal"
                    Layout.fillWidth: true
                    kind: "error"
                    say: cover.shell.unlockRefusal
                }

                Body {
                    visible: cover.shell.demoPin !== ""
                    text: qsTr("演示密码：%1").arg(cover.shell.demoPin)
                    color: Theme.coverInk
                }
            }

            PinPad {
                id: pad

                objectName: "unlockPad"
                focus: true
                onEntered: pin => {
                    pad.clear();
                    cover.shell.unlock(pin);
                }
            }
        }
    }
}
