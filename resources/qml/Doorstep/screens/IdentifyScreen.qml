import QtQuick
import QtQuick.Layouts
import Doorstep
import Doorstep.ViewModels

// Who is here: a card on the reader, a code on a phone, or by hand with a reason.
VisitScreen {
    id: screen

    required property IdentifyViewModel viewModel

    name: "identify"
    visit: viewModel
    title: viewModel.person.known ? qsTr("请核对：是您本人吗？") : qsTr("请出示身份证、社保卡或随申码")
    subtitle: viewModel.person.known ? qsTr("如果不是，请换一张证件，会自动重新读取。") : qsTr("三种方法，任选一种。读到以后会自动显示。")
    nextText: qsTr("是我，下一步")

    IdentityWays {
        Layout.fillWidth: true
        Layout.fillHeight: true
        prefix: screen.name
        viewModel: screen.viewModel
    }
}
